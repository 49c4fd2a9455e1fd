using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

/// <summary>Our structs and numbers against those of the C headers, by a compiled program.</summary>
public sealed class LayoutTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stddef.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <poll.h>
        #include <sched.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/vfs.h>
        #include <linux/netlink.h>
        #include <linux/rtnetlink.h>
        #include <linux/if.h>
        #include <linux/if_link.h>
        #include <linux/if_addr.h>
        #include <linux/neighbour.h>
        #include <linux/veth.h>
        #include <linux/ip.h>
        #include <linux/magic.h>
        #include <linux/nsfs.h>
        #include <linux/sockios.h>
        """;

    [Fact]
    public void Structs_have_the_kernels_sizes_and_offsets() => Compare(
    [
        ("sizeof(struct nlmsghdr)", Marshal.SizeOf<MessageHeader>()),
        ("offsetof(struct nlmsghdr, nlmsg_type)", Offset<MessageHeader>("Type")),
        ("offsetof(struct nlmsghdr, nlmsg_flags)", Offset<MessageHeader>("Flags")),
        ("offsetof(struct nlmsghdr, nlmsg_seq)", Offset<MessageHeader>("Sequence")),
        ("offsetof(struct nlmsghdr, nlmsg_pid)", Offset<MessageHeader>("PortId")),
        ("sizeof(struct rtattr)", Marshal.SizeOf<AttributeHeader>()),
        ("offsetof(struct rtattr, rta_type)", Offset<AttributeHeader>("Type")),
        ("sizeof(struct nlmsgerr)", Marshal.SizeOf<ErrorMessage>()),
        ("offsetof(struct nlmsgerr, msg)", Offset<ErrorMessage>("Request")),
        ("sizeof(struct ifinfomsg)", Marshal.SizeOf<LinkHeader>()),
        ("offsetof(struct ifinfomsg, ifi_type)", Offset<LinkHeader>("DeviceType")),
        ("offsetof(struct ifinfomsg, ifi_index)", Offset<LinkHeader>("Index")),
        ("offsetof(struct ifinfomsg, ifi_flags)", Offset<LinkHeader>("Flags")),
        ("offsetof(struct ifinfomsg, ifi_change)", Offset<LinkHeader>("Change")),
        ("sizeof(struct ifaddrmsg)", Marshal.SizeOf<AddressHeader>()),
        ("offsetof(struct ifaddrmsg, ifa_prefixlen)", Offset<AddressHeader>("PrefixLength")),
        ("offsetof(struct ifaddrmsg, ifa_scope)", Offset<AddressHeader>("Scope")),
        ("offsetof(struct ifaddrmsg, ifa_index)", Offset<AddressHeader>("Index")),
        ("sizeof(struct rtmsg)", Marshal.SizeOf<RouteHeader>()),
        ("offsetof(struct rtmsg, rtm_dst_len)", Offset<RouteHeader>("DestinationLength")),
        ("offsetof(struct rtmsg, rtm_table)", Offset<RouteHeader>("Table")),
        ("offsetof(struct rtmsg, rtm_protocol)", Offset<RouteHeader>("Protocol")),
        ("offsetof(struct rtmsg, rtm_scope)", Offset<RouteHeader>("Scope")),
        ("offsetof(struct rtmsg, rtm_type)", Offset<RouteHeader>("Type")),
        ("offsetof(struct rtmsg, rtm_flags)", Offset<RouteHeader>("Flags")),
        ("offsetof(struct rtnexthop, rtnh_ifindex)", 4),
        ("sizeof(struct ndmsg)", Marshal.SizeOf<NeighbourHeader>()),
        ("offsetof(struct ndmsg, ndm_ifindex)", Offset<NeighbourHeader>("Index")),
        ("offsetof(struct ndmsg, ndm_state)", Offset<NeighbourHeader>("State")),
        ("sizeof(struct sockaddr_nl)", Marshal.SizeOf<NetlinkAddress>()),
        ("offsetof(struct sockaddr_nl, nl_pid)", Offset<NetlinkAddress>("PortId")),
        ("sizeof(struct pollfd)", Marshal.SizeOf<PollEntry>()),
        ("offsetof(struct pollfd, events)", Offset<PollEntry>("Events")),
        ("sizeof(struct ifreq)", Marshal.SizeOf<InterfaceRequest>()),
        ("offsetof(struct ifreq, ifr_ifindex)", Offset<InterfaceRequest>("Index")),
        ("IFNAMSIZ", InterfaceRequest.NameBytes),
        ("sizeof(struct statx)", NamespaceIdentity.StatxBytes),
        ("offsetof(struct statx, stx_ino)", NamespaceIdentity.StatxInodeOffset),
        ("sizeof(struct statfs)", NamespaceIdentity.StatFsBytes),
        ("offsetof(struct statfs, f_type)", 0),
        ("sizeof(((struct statfs *)0)->f_type)", sizeof(long)),
    ]);

    [Fact]
    public void Numbers_of_sockets_and_system_calls_are_the_kernels() => Compare(
    [
        ("AF_NETLINK", Sockets.AfNetlink), ("NETLINK_ROUTE", Sockets.NetlinkRoute), ("SOCK_RAW | SOCK_CLOEXEC", Sockets.RawCloseOnExec),
        ("SOL_SOCKET", Sockets.SolSocket), ("SO_PROTOCOL", Sockets.SoProtocol), ("SO_DOMAIN", Sockets.SoDomain),
        ("SOL_NETLINK", Sockets.SolNetlink), ("NETLINK_CAP_ACK", Sockets.CapAck), ("NETLINK_EXT_ACK", Sockets.ExtAck),
        ("NETLINK_GET_STRICT_CHK", Sockets.StrictCheck), ("MSG_DONTWAIT", Sockets.MsgDontWait), ("MSG_TRUNC", Sockets.MsgTrunc),
        ("MSG_NOSIGNAL", Sockets.MsgNoSignal), ("POLLIN", Sockets.PollIn), ("AF_INET", Family.Inet), ("AF_INET6", Family.Inet6),
        ("AT_EMPTY_PATH", LibC.AtEmptyPath), ("O_RDONLY | O_CLOEXEC", LibC.OReadOnlyCloseOnExec), ("STATX_INO", LibC.StatxIno),
        ("CLONE_NEWNET", LibC.CloneNewNet), ("NS_GET_NSTYPE", LibC.IoctlNamespaceType), ("SIOCGSKNS", LibC.IoctlSocketNamespace),
        ("SIOCGIFINDEX", LibC.IoctlInterfaceIndex), ("NSFS_MAGIC", NamespaceIdentity.NsfsMagic),
        ("EPERM", Errno.Perm), ("ENOENT", Errno.NoEntry), ("ESRCH", Errno.NoProcess), ("EINTR", Errno.Interrupted),
        ("ENXIO", Errno.NoDeviceOrAddress), ("EBADF", Errno.BadDescriptor), ("EAGAIN", Errno.Again), ("ENOMEM", Errno.NoMemory),
        ("EACCES", Errno.Access), ("EBUSY", Errno.Busy), ("EEXIST", Errno.Exists), ("ENODEV", Errno.NoDevice), ("EINVAL", Errno.Invalid),
        ("EMFILE", Errno.TooManyFiles), ("EROFS", Errno.ReadOnlyFileSystem), ("ERANGE", Errno.Range), ("ENAMETOOLONG", Errno.NameTooLong),
        ("EBADMSG", Errno.BadMessage), ("EOPNOTSUPP", Errno.NotSupported), ("EADDRNOTAVAIL", Errno.AddressNotAvailable),
        ("ENETDOWN", Errno.NetworkDown), ("ENETUNREACH", Errno.NetworkUnreachable), ("ENOBUFS", Errno.NoBuffers),
        ("ENOTCONN", Errno.NotConnected), ("ETIMEDOUT", Errno.TimedOut),
    ]);

    [Fact]
    public void Numbers_of_netlink_are_the_kernels() => Compare(
    [
        ("NLM_F_REQUEST", MessageFlags.Request), ("NLM_F_ACK", MessageFlags.Ack), ("NLM_F_DUMP_INTR", MessageFlags.DumpInterrupted),
        ("NLM_F_EXCL", MessageFlags.Exclusive), ("NLM_F_DUMP", MessageFlags.Dump), ("NLM_F_CREATE", MessageFlags.Create),
        ("NLM_F_CAPPED", MessageFlags.Capped), ("NLM_F_ACK_TLVS", MessageFlags.AckAttributes),
        ("NLMSG_ERROR", MessageType.Error), ("NLMSG_DONE", MessageType.Done), ("RTM_NEWLINK", MessageType.NewLink),
        ("RTM_DELLINK", MessageType.DeleteLink), ("RTM_GETLINK", MessageType.GetLink), ("RTM_NEWADDR", MessageType.NewAddress),
        ("RTM_GETADDR", MessageType.GetAddress), ("RTM_NEWROUTE", MessageType.NewRoute), ("RTM_DELROUTE", MessageType.DeleteRoute),
        ("RTM_GETROUTE", MessageType.GetRoute), ("RTM_NEWNEIGH", MessageType.NewNeighbour), ("RTM_GETNEIGH", MessageType.GetNeighbour),
        ("NLMSGERR_ATTR_MSG", ErrorAttribute.Text), ("IFF_UP", LinkAttribute.FlagUp), ("IFLA_ADDRESS", LinkAttribute.Address),
        ("IFLA_IFNAME", LinkAttribute.Name), ("IFLA_MTU", LinkAttribute.Mtu), ("IFLA_LINK", LinkAttribute.Link),
        ("IFLA_LINKINFO", LinkAttribute.LinkInfo), ("IFLA_IFALIAS", LinkAttribute.Alias), ("IFLA_AF_SPEC", LinkAttribute.AfSpec),
        ("IFLA_GROUP", LinkAttribute.Group), ("IFLA_NET_NS_FD", LinkAttribute.NetNsDescriptor), ("IFLA_EXT_MASK", LinkAttribute.ExtMask),
        ("IFLA_NUM_TX_QUEUES", LinkAttribute.TxQueues), ("IFLA_NUM_RX_QUEUES", LinkAttribute.RxQueues),
        ("IFLA_INFO_KIND", LinkAttribute.InfoKind), ("IFLA_INFO_DATA", LinkAttribute.InfoData), ("VETH_INFO_PEER", LinkAttribute.VethPeer),
        ("IFLA_INET_CONF", LinkAttribute.InetConf), ("RTEXT_FILTER_SKIP_STATS", LinkAttribute.SkipStatistics),
        ("IPV4_DEVCONF_FORWARDING", InetConf.Forwarding), ("IPV4_DEVCONF_PROXY_ARP", InetConf.ProxyArp),
        ("IPV4_DEVCONF_SEND_REDIRECTS", InetConf.SendRedirects), ("IPV4_DEVCONF_RP_FILTER", InetConf.ReversePathFilter),
        ("RTA_DST", RouteAttribute.Destination), ("RTA_OIF", RouteAttribute.OutInterface), ("RTA_GATEWAY", RouteAttribute.Gateway),
        ("RTA_PRIORITY", RouteAttribute.Priority), ("RTA_MULTIPATH", RouteAttribute.MultiPath), ("RTA_TABLE", RouteAttribute.Table),
        ("RTN_UNICAST", RouteAttribute.TypeUnicast), ("RTN_UNREACHABLE", RouteAttribute.TypeUnreachable),
        ("RT_SCOPE_UNIVERSE", RouteAttribute.ScopeUniverse), ("RT_SCOPE_LINK", RouteAttribute.ScopeLink),
        ("RT_SCOPE_NOWHERE", RouteAttribute.ScopeNowhere), ("RT_TABLE_MAIN", RouteAttribute.TableMain),
        ("RTM_F_FIB_MATCH", RouteAttribute.FibMatch), ("IFA_ADDRESS", AddressAttribute.Address), ("IFA_LOCAL", AddressAttribute.Local),
        ("NDA_DST", NeighbourAttribute.Destination), ("NDA_LLADDR", NeighbourAttribute.LinkAddress),
        ("NUD_PERMANENT", NeighbourAttribute.StatePermanent), ("NLA_TYPE_MASK & 0xffff", 0x3fff),
    ]);

    private static long Offset<T>(string field) => (long)Marshal.OffsetOf<T>(field);

    private static void Compare((string Expression, long Ours)[] table)
    {
        var compiler = new[] { "/usr/bin/gcc", "/usr/local/bin/gcc" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(compiler is null, "gcc is not installed");
        var folder = Directory.CreateTempSubdirectory("vnetcni-layout-").FullName;
        try
        {
            var source = new StringBuilder(Headers).Append("\nint main(void) {\n");
            foreach (var (expression, _) in table)
                source.Append(CultureInfo.InvariantCulture, $"printf(\"%lld\\n\", (long long)({expression}));\n");
            File.WriteAllText(Path.Combine(folder, "layout.c"), source.Append("return 0; }\n").ToString());
            Run(compiler!, $"-w -o {folder}/layout {folder}/layout.c");
            var theirs = Run($"{folder}/layout", "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(table.Select(row => $"{row.Expression} = {row.Ours}"), table.Zip(theirs, (row, value) => $"{row.Expression} = {value}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {errors.Result}");
        return output;
    }
}

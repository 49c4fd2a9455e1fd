using System.Globalization;
using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.Dataplane.Linux.Node;
using Vnetcni.Dataplane.Traps;

namespace Vnetcni.Dataplane.Linux.Traps;

/// <summary>Reads what <see cref="TrapFinder"/> wants to know, in the calling thread's network namespace. Changes nothing.</summary>
public static class LinuxNodeObserver
{
    private const int MaxAddresses = 4096;
    private const int MaxChains = 64;
    private const string Settings = "/proc/sys/net/";

    /// <summary>Reads it. Needs CAP_NET_ADMIN for the probe of the kernel's parts.</summary>
    /// <param name="nic">The NIC; null = the one of the default route.</param>
    /// <exception cref="DataplaneException">The kernel refuses to tell, or the NIC is missing.</exception>
    public static NodeObservation Observe(string? nic)
    {
        using var route = NetlinkSocket.Open();
        using var filter = NetlinkSocket.Open(NftConstants.Protocol);
        var uplink = Uplink.Find(route, nic);
        var names = route.Links().ToDictionary(link => link.Index, link => link.Name);
        return new NodeObservation
        {
            Nic = uplink.Name,
            NicMtu = uplink.Mtu,
            LocalAddresses = [.. route.AllAddresses(Family.Inet)
                .Where(found => !IPAddress.IsLoopback(found.Address) && names.ContainsKey(found.Index))
                .Take(MaxAddresses)
                .Select(found => new LocalAddress(found.Address, names[found.Index]))],
            ForwardDrops = ForwardDrops(filter),
            LegacyFilter = HasLegacyFilter(),
            ReversePathFilter = (int)Math.Max(Number("ipv4/conf/all/rp_filter") ?? 0, Number($"ipv4/conf/{uplink.Name}/rp_filter") ?? 0),
            DefaultRouteInterfaces = [.. route.Routes(Family.Inet)
                .Where(found => found.PrefixLength == 0 && found.Type == RouteAttribute.TypeUnicast && names.ContainsKey(found.OutInterface))
                .Select(found => names[found.OutInterface])
                .Distinct(StringComparer.Ordinal)],
            MissingFeatures = KernelProbe.Run(filter),
            Connections = Number("netfilter/nf_conntrack_count"),
            MaxConnections = Number("netfilter/nf_conntrack_max"),
        };
    }

    private static List<string> ForwardDrops(NetlinkSocket socket)
    {
        var chains = new List<string>();
        socket.Dump(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(NftMessage.GetChain, MessageFlags.Dump, default(NetfilterHeader));
                writer.End();
            },
            "listing chains", chains.Clear, (type, payload) =>
            {
                _ = NetlinkAttributes.After(payload, out NetfilterHeader header);
                if (type != NftMessage.NewChain || chains.Count >= MaxChains || header.Family is not (NftConstants.FamilyIp or NftConstants.FamilyInet))
                    return;
                var chain = NftChainState.Parse(payload);
                if (chain is { Hook: NftConstants.HookForward, Policy: NftConstants.VerdictDrop })
                    chains.Add($"{(header.Family == NftConstants.FamilyIp ? "ip" : "inet")} {chain.Table} {chain.Name}");
            });
        return chains;
    }

    // Asking the older iptables itself would load its modules.
    private static bool HasLegacyFilter()
    {
        try
        {
            return File.ReadAllLines("/proc/thread-self/net/ip_tables_names").Contains("filter", StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file is there only where the module is.
            return false;
        }
    }

    private static long? Number(string setting)
    {
        try
        {
            return long.TryParse(File.ReadAllText(Settings + setting).AsSpan().Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not every kernel has every setting.
            return null;
        }
    }
}

using System.IO.Pipes;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

/// <summary>Descriptors come from another process: each is looked at before anything is done with it, and none leaks.</summary>
public sealed class NamespaceTests
{
    [Fact]
    public void A_namespace_and_a_socket_of_it_are_adopted()
    {
        using var pod = NewNetns();
        var inode = ulong.Parse(pod.Run(() => Directory.ResolveLinkTarget(pod.Path, false)!.Name)[5..^1], System.Globalization.CultureInfo.InvariantCulture);
        using var adopted = LinuxPodNamespace.Adopt(OpenFile(pod.Path), RouteSocketIn(pod), "/run/netns/a");
        Assert.Equal(inode, adopted.Inode);
        Assert.Equal("/run/netns/a", adopted.Path);
        using var opened = LinuxPodNamespace.Open(pod.Path);
        Assert.Equal(inode, opened.Inode);
        Assert.Equal(1, adopted.Socket.InterfaceIndex("lo"));
    }

    [Fact]
    public void The_own_namespace_is_refused() =>
        Refused(() => LinuxPodNamespace.Adopt(OpenFile("/proc/self/ns/net"), RouteSocketHere(), "own"), "own network namespace");

    [Fact]
    public void A_file_is_no_namespace() =>
        Refused(() => LinuxPodNamespace.Adopt(OpenFile("/etc/hostname"), RouteSocketHere(), "file"), "is not a namespace");

    [Fact]
    public void A_namespace_of_another_type_is_refused() =>
        Refused(() => LinuxPodNamespace.Adopt(OpenFile("/proc/self/ns/mnt"), RouteSocketHere(), "mount"), "another type than network");

    [Fact]
    public void A_path_that_is_gone_is_refused() =>
        Refused(() => LinuxPodNamespace.Open("/run/netns/vnetcni-test-gone"), "ENOENT");

    [Fact]
    public void A_closed_descriptor_is_refused() =>
        Refused(() => LinuxPodNamespace.Adopt(-1, RouteSocketHere(), "closed"), "closed");

    [Fact]
    public void A_socket_of_another_namespace_is_refused()
    {
        using var pod = NewNetns();
        Refused(() => LinuxPodNamespace.Adopt(OpenFile(pod.Path), RouteSocketHere(), "mixed"), "another network namespace");
    }

    [Theory]
    [InlineData(2, 2, 0)]
    [InlineData(16, 3, 16)]
    [InlineData(1, 1, 0)]
    public void A_socket_that_is_not_rtnetlink_is_refused(int domain, int type, int protocol)
    {
        using var pod = NewNetns();
        Refused(() => LinuxPodNamespace.Adopt(OpenFile(pod.Path), pod.Run(() => LibC.Socket(domain, type | 0x80000, protocol)), "udp"), "not an rtnetlink socket");
    }

    [Fact]
    public void A_file_in_the_socket_s_place_is_refused()
    {
        using var pod = NewNetns();
        Refused(() => LinuxPodNamespace.Adopt(OpenFile(pod.Path), OpenFile("/etc/hostname"), "file"), "not an rtnetlink socket");
    }

    [Fact]
    public void Refused_and_disposed_descriptors_are_closed()
    {
        using var pod = NewNetns();
        using var first = new AnonymousPipeServerStream(PipeDirection.In);
        using var second = new AnonymousPipeServerStream(PipeDirection.In);
        Assert.Throws<DataplaneException>(() => LinuxPodNamespace.Adopt(GiveAway(first), GiveAway(second), "pipes"));
        // The end of the stream: nobody has the other end open any more.
        Assert.Equal((-1, -1), (first.ReadByte(), second.ReadByte()));

        var adopted = LinuxPodNamespace.Adopt(OpenFile(pod.Path), RouteSocketIn(pod), "pod");
        adopted.Dispose();
        Assert.True(adopted.Descriptor.IsClosed);
        Assert.True(adopted.Socket.Descriptor.IsClosed);
    }

    private static int GiveAway(AnonymousPipeServerStream pipe)
    {
        var descriptor = (int)pipe.ClientSafePipeHandle.DangerousGetHandle();
        pipe.ClientSafePipeHandle.SetHandleAsInvalid();
        return descriptor;
    }

    private static TestNetns NewNetns()
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        return new TestNetns("pod");
    }

    private static void Refused(Action action, string words)
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        var refusal = Assert.Throws<DataplaneException>(action);
        Assert.Equal(DataplaneFault.BadNamespace, refusal.Fault);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    private static int OpenFile(string path) => LibC.Open(path, LibC.OReadOnlyCloseOnExec);

    private static int RouteSocketHere() => LibC.Socket(Sockets.AfNetlink, Sockets.RawCloseOnExec, Sockets.NetlinkRoute);

    private static int RouteSocketIn(TestNetns netns) => netns.Run(RouteSocketHere);
}

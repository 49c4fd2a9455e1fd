using System.Runtime.InteropServices;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Linux.Traps;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>What the agent's container is granted: CAP_NET_ADMIN and no other capability.</summary>
public sealed partial class CapabilityTests
{
    private const int NetAdmin = 12;

    [Fact]
    public async Task CAP_NET_ADMIN_alone_suffices_with_descriptors_handed_over()
    {
        using var bed = new DataplaneBed(prepare: false);
        var pod = bed.Pod();
        var descriptor = LibC.Open(pod.Path, LibC.OReadOnlyCloseOnExec);
        var socket = pod.Run(() => LibC.Socket(Sockets.AfNetlink, Sockets.RawCloseOnExec, Sockets.NetlinkRoute));

        // Capabilities belong to a thread, and the threads it starts inherit them.
        var (network, handed, refusal) = bed.Node.Run(() =>
        {
            KeepOnly(NetAdmin);
            var denied = Assert.Throws<DataplaneException>(() => LinuxPodNamespace.Open(pod.Path));
            return (new LinuxNodeNetwork(new LinuxNodeNetworkOptions()), LinuxPodNamespace.Adopt(descriptor, socket, pod.Path), denied);
        });
        using (network)
        using (handed)
        {
            // Entering the namespace is what this capability does not allow.
            Assert.Equal(Errno.Perm, refusal.Errno);
            Assert.Equal("0", Forwarding(bed));
            await network.PrepareAsync([Address(0)], Token);
            Assert.Equal("1", Forwarding(bed));
            var request = DataplaneBed.Request(handed);
            await network.AttachAsync(request, Token);
            Assert.Empty(await network.CheckAsync(request, Token));
            Assert.True(bed.Node.Ping($"{Address(0)}"));
            Assert.True(await network.DetachAsync(request.HostInterface, request.Address, Token));
            await network.ReapAsync(Token);
            Assert.Empty(bed.PodLinks());
        }
    }

    [Fact]
    public async Task CAP_NET_ADMIN_alone_suffices_for_egress_rules_conntrack_and_the_look_for_traps()
    {
        using var bed = new Snat.EgressBed();
        var (egress, network, node) = bed.Node.Run(() =>
        {
            KeepOnly(NetAdmin);
            return (new LinuxPodEgress(null), new LinuxNodeNetwork(new LinuxNodeNetworkOptions()), LinuxNodeObserver.Observe(null));
        });
        using (egress)
        using (network)
        {
            Assert.Empty(node.MissingFeatures);
            var told = new TaskCompletionSource();
            egress.Listen(() => told.TrySetResult());
            await egress.ApplyAsync(Snat.EgressBed.Rules(), Token);
            await told.Task.WaitAsync(TimeSpan.FromSeconds(5), Token);
            Assert.Empty(await egress.CheckAsync(Token));
            Assert.False(await network.DetachAsync("gone", Address(0), Token));
            await network.ReapAsync(Token);
        }
    }

    private static string Forwarding(DataplaneBed bed) => bed.Node.Run(() => File.ReadAllText("/proc/sys/net/ipv4/ip_forward")).Trim();

    /// <summary>capset(2) with _LINUX_CAPABILITY_VERSION_3: two sets of {effective, permitted, inheritable}.</summary>
    private static unsafe void KeepOnly(int capability)
    {
        var header = stackalloc uint[] { 0x20080522, 0 };
        var sets = stackalloc uint[] { 1u << capability, 1u << capability, 0, 0, 0, 0 };
        Assert.Equal(0, SetCapabilities(header, sets));
    }

    [LibraryImport("libc", EntryPoint = "capset")]
    private static unsafe partial int SetCapabilities(uint* header, uint* sets);
}

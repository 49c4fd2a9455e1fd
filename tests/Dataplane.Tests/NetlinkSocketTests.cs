using System.Net;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Tests.Fuzzing;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

/// <summary>The socket against the real kernel.</summary>
public sealed class NetlinkSocketTests
{
    [Fact]
    public void Refusals_of_a_batch_are_matched_to_their_messages_with_the_kernels_words()
    {
        using var netns = NewNetns();
        using var socket = netns.Run(NetlinkSocket.Open);
        var writer = socket.Write(stackalloc byte[512]);
        writer.LinkUp(999);
        writer.LinkUp(1);
        writer.NewDefaultRoute(IPAddress.Parse("10.0.0.1"), 1);
        writer.NewUnreachable(IPAddress.Parse("10.0.0.2"), 5);
        writer.NewUnreachable(IPAddress.Parse("10.0.0.2"), 5);
        var failures = socket.Send(writer);
        Assert.Equal([(0, Errno.NoDevice), (2, Errno.NetworkUnreachable), (4, Errno.Exists)], failures.Select(failure => (failure.Index, failure.Errno)));
        Assert.Equal("Nexthop has invalid gateway", failures[1].Text);
        Assert.Single(netns.IpJson("route show 10.0.0.2"));
        Assert.False(socket.Suspect);
    }

    [Fact]
    public unsafe void Lost_answers_are_an_error_and_mark_the_socket()
    {
        using var netns = NewNetns();
        using var socket = netns.Run(NetlinkSocket.Open);
        var bytes = 1;
        const int soReceiveBuffer = 8;
        Assert.Equal(0, LibC.SetSocketOption(socket.Descriptor, 1, soReceiveBuffer, &bytes, sizeof(int)));
        var failure = Assert.Throws<DataplaneException>(() =>
        {
            var writer = socket.Write(new byte[NetlinkSocket.MaxBatch * 64]);
            for (var i = 0; i < NetlinkSocket.MaxBatch; i++)
                writer.LinkUp(1);
            socket.Send(writer);
        });
        Assert.Equal(Errno.NoBuffers, failure.Errno);
        Assert.True(socket.Suspect);
    }

    [Fact]
    public unsafe void Datagrams_of_somebody_else_do_not_keep_a_question_waiting_for_ever()
    {
        using var netns = NewNetns();
        var socket = netns.Run(NetlinkSocket.Open);
        using var other = netns.Run(NetlinkSocket.Open);
        var address = new NetlinkAddress { Family = Sockets.AfNetlink, PortId = 4711 };
        Assert.Equal(0, LibC.Bind(socket.Descriptor, &address, (uint)sizeof(NetlinkAddress)));
        var flood = new Thread(() => StrangeKernel.Flood(other, 4711));
        flood.Start();
        var failure = Assert.Throws<DataplaneException>(() =>
        {
            // NLMSG_NOOP: nobody answers.
            var writer = socket.Write(stackalloc byte[64]);
            writer.BeginQuery(1, 0, 0u);
            writer.End();
            socket.Query(writer, (_, _) => Assert.Fail("that was no answer"));
        });
        Assert.Contains("somebody else", failure.Message, StringComparison.Ordinal);
        Assert.True(socket.Suspect);
        socket.Dispose();
        flood.Join();
    }

    [Fact]
    public void The_largest_batch_is_acknowledged_whole()
    {
        using var netns = NewNetns();
        using var socket = netns.Run(NetlinkSocket.Open);
        var writer = socket.Write(new byte[NetlinkSocket.MaxBatch * 64]);
        for (var i = 0; i < NetlinkSocket.MaxBatch; i++)
            writer.NewUnreachable(new IPAddress([10, 0, 0, (byte)i]), 1);
        Assert.Empty(socket.Send(writer));
        Assert.Equal(NetlinkSocket.MaxBatch, socket.Routes(2).Count);
        Assert.Throws<InvalidOperationException>(() => socket.Send(socket.Write([])));
    }

    [Fact]
    public void Questions_without_an_answer_are_null_and_the_socket_goes_on()
    {
        using var netns = NewNetns();
        using var socket = netns.Run(NetlinkSocket.Open);
        Assert.Null(socket.FindLink("absent"));
        Assert.Null(socket.FindLink(999));
        Assert.Null(socket.FindRoute(IPAddress.Parse("10.0.0.1")));
        Assert.Null(socket.FindPermanentNeighbour(1, IPAddress.Parse("10.0.0.1")));
        Assert.Equal(0, socket.InterfaceIndex("absent"));
        Assert.Equal(0, socket.InterfaceIndex("a-name-that-no-interface-can-have"));
        Assert.Equal("lo", socket.FindLink(1)!.Name);
        Assert.Equal(1, socket.FindLink("lo")!.Index);
        Assert.Equal([(IPAddress.Loopback, 8)], socket.Addresses(2, 1));
    }

    [Fact]
    public async Task Links_that_stay_are_in_every_dump_while_others_come_and_go()
    {
        using var netns = NewNetns();
        const int stable = 120;
        for (var i = 0; i < stable; i += 2)
            netns.Ip($"link add s{i} type veth peer name s{i + 1}");
        using var reader = netns.Run(NetlinkSocket.Open);
        using var done = new CancellationTokenSource();
        var churn = Task.Run(
            () =>
            {
                for (var i = 0; !done.IsCancellationRequested; i++)
                    netns.Ip(i % 2 == 0 ? "link add c0 type veth peer name c1" : "link del c0");
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 100; i++)
            Assert.Equal(stable, reader.Links().Select(link => link.Name).Count(name => name[0] == 's'));
        await done.CancelAsync();
        await churn;
    }

    private static TestNetns NewNetns()
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        return new TestNetns("socket");
    }
}

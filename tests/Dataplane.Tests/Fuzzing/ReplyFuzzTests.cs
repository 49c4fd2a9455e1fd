using CsCheck;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Conntrack;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Tests.Snat;
using Vnetcni.Fuzzing;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Fuzzing;

/// <summary>
/// Every question that is asked of the kernel, with what it really answered, spoilt: bytes, attributes and lengths changed, messages and datagrams
/// left out, said twice or in another order. The reader of production either has an answer or says <see cref="DataplaneException"/>.
/// </summary>
public sealed class ReplyFuzzTests
{
    private const string Elsewhere = "203.0.113.9";

    private static readonly byte[][] s_words =
    [
        // An acknowledgement, an end, a refusal cut short, attributes of length 0, 4, 5 and 0xffff, a repeated OIF without a value.
        [36, 0, 0, 0, 2, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 16, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [20, 0, 0, 0, 3, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [18, 0, 0, 0, 2, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0xea, 0xff, 0, 0],
        [0, 0, 1, 0], [4, 0, 4, 0], [5, 0, 5, 0, 1, 0, 0, 0], [0xff, 0xff, 1, 0], [4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0],
    ];

    [Fact]
    public void Spoilt_answers_about_links_routes_addresses_neighbours_and_rules_are_read_or_refused() => InNode(bed =>
    {
        var address = DataplaneBed.Address(0);
        var vn0 = bed.Node.Run(() =>
        {
            using var socket = NetlinkSocket.Open();
            return socket.InterfaceIndex("vn0");
        });
        Spoil(bed, Sockets.NetlinkRoute,
        [
            socket => socket.Links(),
            socket => socket.FindLink("eth0"),
            socket => socket.FindLink(1),
            socket => socket.Routes(Family.Inet),
            socket => socket.FindRoute(address),
            socket => socket.Addresses(Family.Inet, 1),
            socket => socket.AllAddresses(Family.Inet),
            socket => socket.PermanentNeighbours(vn0),
            socket => socket.StandInNotes(),
            socket => socket.FindPermanentNeighbour(1, address),
            socket => socket.OurRules(),
            socket => socket.OurDefaultRoutes(),
            socket => MovableAddress.Of(socket, 1),
            Move,
            Change,
        ]);
    });

    [Fact]
    public void Spoilt_answers_about_nftables_and_connections_are_read_or_refused() => InNode(bed =>
    {
        Spoil(bed, NftConstants.Protocol,
        [
            socket => NftTableState.Read(socket, EgressTable.Name),
            socket => NftTableState.Chain(socket, EgressTable.Name, EgressTable.PostRouting),
            socket => NftTableState.Generation(socket),
            socket => NftTableState.Elements(socket, EgressTable.Name, "pods0"),
            socket => NftTableState.Elements(socket, EgressTable.Name, "nomasq0"),
            socket => NftTableState.RawElements(socket, EgressTable.Name, "nomasq0"),
            socket => ConntrackFlush.Count(socket),
            socket => ConntrackFlush.Run(socket, [DataplaneBed.Address(0)]),
            Transact,
        ]);
    });

    [Fact]
    public void A_datagram_of_the_monitor_that_is_spoilt_is_read_without_harm()
    {
        var writer = new NetlinkWriter(new byte[1024], 1);
        var rule = writer.BeginRule(EgressTable.Name, "c", "x");
        writer.OutInterface("eth0");
        writer.EndRule(rule);
        writer.EnsureTable("other");
        Fuzz.Check([writer.Written.ToArray()], s_words, bytes => NftMonitor.Concerns(bytes, EgressTable.Name));
    }

    [Fact]
    public void An_acknowledgement_in_place_of_an_answer_is_an_error()
    {
        using var kernel = new StrangeKernel([s_words[0]]);
        var refusal = Assert.Throws<DataplaneException>(() => NftTableState.Read(kernel.Socket, EgressTable.Name));
        Assert.Equal(Errno.BadMessage, refusal.Errno);
        Assert.Contains("no answer", refusal.Message, StringComparison.Ordinal);
        using var other = new StrangeKernel([s_words[0]]);
        Assert.Throws<DataplaneException>(() => other.Socket.FindLink("eth0"));
    }

    [Fact]
    public void A_dump_without_an_end_or_with_a_refusal_that_is_cut_short_is_an_error_and_no_short_list()
    {
        using var endless = new StrangeKernel([]);
        Assert.Throws<DataplaneException>(() => endless.Socket.Links());
        Assert.True(endless.Socket.Suspect);
        using var cut = new StrangeKernel([s_words[2]]);
        Assert.Equal(Errno.BadMessage, Assert.Throws<DataplaneException>(() => cut.Socket.Links()).Errno);
        // DONE with INT_MIN for a status.
        using var odd = new StrangeKernel([[20, 0, 0, 0, 3, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]]);
        Assert.Equal(Errno.BadMessage, Assert.Throws<DataplaneException>(() => odd.Socket.Links()).Errno);
    }

    [Fact]
    public void A_route_with_its_interface_said_many_times_can_still_be_moved()
    {
        byte[] payload = [2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0, 8, 0, 4, 0, 7, 0, 0, 0, .. Enumerable.Repeat(new byte[] { 4, 0, 4, 0 }, 20).SelectMany(bytes => bytes)];
        var route = new MovableRoute(Route.Parse(payload)!, payload, IsMultipath: false, ComesAfter: false);
        var writer = new NetlinkWriter(new byte[route.MaxBytes], 1);
        route.WriteReplace(ref writer, 9);
        Assert.Equal(1, writer.Count);
    }

    private static void Move(NetlinkSocket socket)
    {
        var routes = MovableRoutes.Of(socket, 1, 3);
        var writer = new NetlinkWriter(new byte[routes.MaxBytes], 1);
        foreach (var route in routes.Others)
            route.WriteReplace(ref writer, 3);
        foreach (var route in routes.FirstNetworks)
            route.WriteFirst(ref writer, 3);
    }

    // Two that are done and one that is refused.
    private static void Change(NetlinkSocket socket)
    {
        var writer = socket.Write(stackalloc byte[256]);
        writer.LinkUp(1);
        writer.LinkUp(999);
        writer.LinkUp(1);
        Assert.InRange(socket.Send(writer).Count, 0, 3);
    }

    private static void Transact(NetlinkSocket socket)
    {
        var writer = socket.Write(stackalloc byte[512]);
        writer.BeginBatch();
        writer.EnsureTable(EgressTable.Name);
        writer.EndBatch();
        Assert.InRange(socket.SendTransaction(writer).Count, 0, 64);
    }

    private static void Spoil(EgressBed bed, int protocol, Action<NetlinkSocket>[] calls)
    {
        var recorded = bed.Node.Run(() => calls.Select(call => StrangeKernel.Answers(protocol, call)).ToArray());
        for (var i = 0; i < calls.Length; i++)
        {
            Assert.InRange(recorded[i].Count, 1, 8);
            // Unspoilt, it is as good as the kernel.
            using var kernel = new StrangeKernel(recorded[i]);
            calls[i](kernel.Socket);
        }

        Gen.Select(Gen.Int[0, calls.Length - 1], Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 5], Fuzz.Mutations).Sample(
            (which, one, other, order, changes) =>
            {
                var datagrams = Rearrange([.. recorded[which]], one, other, order, changes);
                using var kernel = new StrangeKernel(datagrams);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    calls[which](kernel.Socket);
                }
                catch (DataplaneException e)
                {
                    Assert.NotEqual(0, e.Errno);
                    Assert.InRange(e.Message.Length, 1, 64 * 1024);
                }
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (1 << 20) + (256L * datagrams.Sum(datagram => datagram.Length)));
            },
            Fuzz.Say,
            iter: Math.Max(Check.Iter, 10_000));
    }

    private static List<byte[]> Rearrange(List<byte[]> datagrams, int one, int other, int order, Mutation[] changes)
    {
        one %= datagrams.Count;
        other %= datagrams.Count;
        datagrams[one] = Mutation.Apply(datagrams[one], changes, s_words);
        switch (order)
        {
            case 0:
                datagrams.RemoveAt(other);
                break;
            case 1:
                datagrams.Insert(other, datagrams[one]);
                break;
            case 2:
                (datagrams[one], datagrams[other]) = (datagrams[other], datagrams[one]);
                break;
        }

        return datagrams;
    }

    private static void InNode(Action<EgressBed> test)
    {
        using var bed = new EgressBed();
        bed.Egress.ApplyAsync(EgressBed.Rules("10.240.0.0/16", "172.16.0.0/12"), EgressBed.Token).GetAwaiter().GetResult();
        var pod = bed.PodAsync().GetAwaiter().GetResult();
        _ = bed.Behind("far", "far0", Elsewhere);
        _ = pod.Ping(Elsewhere);
        bed.Node.Ip("rule add fwmark 0x1000000/0xff000000 lookup 118 priority 5000 protocol 118");
        bed.Node.Ip("route add 198.51.100.0/24 dev lo window 1000 metric 7");
        bed.Node.Ip("route add default dev eth0 table 118 protocol 118");
        test(bed);
        bed.Node.Ip("rule del priority 5000");
        bed.Node.Ip("route flush table 118");
    }
}

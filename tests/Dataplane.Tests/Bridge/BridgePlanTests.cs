using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Bridge;

/// <summary>Which step follows from what is seen.</summary>
public sealed class BridgePlanTests
{
    private static readonly PhysicalAddress Mac = PhysicalAddress.Parse("00-0D-3A-00-00-01");
    private static readonly MovableAddress Primary = new(IPAddress.Parse("10.0.0.4"), 24, 0, false, null, 0);
    private static readonly MovableRoute Default = new(new Route(1, 16, 254, null, 0, IPAddress.Parse("10.0.0.1"), 2, 100), [], false, false);

    private static readonly BridgeObservation Before = new()
    {
        NicName = "eth0",
        Nic = Nic(master: 0),
        NicAddresses = [Primary],
        NicRoutes = new([Default], []),
    };

    private static readonly BridgeObservation After = new()
    {
        NicName = "eth0",
        Nic = Nic(master: 5),
        Bridge = Bridge(up: true),
        BridgeAddresses = [Primary],
        BridgeRoutes = new([Default], []),
    };

    [Fact]
    public void Each_state_on_the_way_there_has_its_step()
    {
        Assert.Equal(BridgeStep.Make, Step(Before, true));
        Assert.Equal(BridgeStep.Enslave, Step(Before with { Bridge = Bridge(up: false) }, true));
        Assert.Equal(BridgeStep.Enslave, Step(Before with { Bridge = Bridge(up: false), Nic = Nic(5) }, true));
        Assert.Equal(BridgeStep.MoveIn, Step(Before with { Bridge = Bridge(up: true), Nic = Nic(5) }, true));
        Assert.Equal(BridgeStep.MoveIn, Step(After with { NicRoutes = new([Default], []) }, true));
        Assert.Equal(BridgeStep.Done, Step(After, true));
    }

    [Fact]
    public void Each_state_on_the_way_back_has_its_step()
    {
        Assert.Equal(BridgeStep.MoveOut, Step(After, false));
        Assert.Equal(BridgeStep.MoveOut, Step(After with { BridgeAddresses = [] }, false));
        Assert.Equal(BridgeStep.Remove, Step(Before with { Bridge = Bridge(up: true), Nic = Nic(5) }, false));
        Assert.Equal(BridgeStep.Remove, Step(Before with { Bridge = Bridge(up: false) }, false));
        Assert.Equal(BridgeStep.Done, Step(Before, false));
        // Somebody else's of that name is left alone.
        Assert.Equal(BridgeStep.Done, Step(After with { Bridge = After.Bridge! with { Alias = "" } }, false));
    }

    [Fact]
    public void What_can_not_be_is_refused_with_a_reason()
    {
        Assert.Contains("no interface eth0", Why(Before with { Nic = null }, true), StringComparison.Ordinal);
        Assert.Contains("not ours", Why(Before with { Bridge = Bridge(true) with { Alias = "" } }, true), StringComparison.Ordinal);
        Assert.Contains("another bridge", Why(Before with { Nic = Nic(9) }, true), StringComparison.Ordinal);
        Assert.Contains("IPv6", Why(Before with { HasIPv6 = true }, true), StringComparison.Ordinal);
        Assert.Contains("next hops", Why(Before with { NicRoutes = new([Default with { IsMultipath = true }], []) }, true), StringComparison.Ordinal);
        Assert.Contains("the route to default by eth0 comes after one by another interface with the same metric (100)", Why(Before with { NicRoutes = new([Default with { ComesAfter = true }], []) }, true), StringComparison.Ordinal);
        Assert.Contains("31 addresses", Why(Before with { NicAddresses = [.. Enumerable.Repeat(Primary, 31)] }, true), StringComparison.Ordinal);
        Assert.Contains("give it back", Why(After with { Nic = null }, false), StringComparison.Ordinal);
    }

    private static BridgeStep Step(BridgeObservation seen, bool wanted) => BridgePlan.Next(seen, wanted).Step;

    private static string Why(BridgeObservation seen, bool wanted)
    {
        var (step, why) = BridgePlan.Next(seen, wanted);
        Assert.Equal(BridgeStep.Refused, step);
        return why;
    }

    private static Link Nic(int master) => new(2, "eth0", true, 1500, 0, "", "", Mac, 0, master);

    private static Link Bridge(bool up) => new(5, "azure0", up, 1500, 0, "vnetcni-bridge:eth0", "bridge", Mac, 0, 0);
}

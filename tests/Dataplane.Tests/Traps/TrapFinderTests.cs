using System.Net;
using Vnetcni.Dataplane.Traps;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Traps;

public sealed class TrapFinderTests
{
    private static readonly IPAddress[] Pods = [IPAddress.Parse("10.1.0.5"), IPAddress.Parse("10.1.0.6")];

    private static readonly NodeObservation Sound = new()
    {
        Nic = "eth0",
        NicMtu = 1500,
        LocalAddresses = [Local("10.1.0.4"), Local("172.17.0.1", "docker0")],
        ReversePathFilter = 1,
        DefaultRouteInterfaces = ["eth0"],
        Connections = 100,
        MaxConnections = 262144,
    };

    [Fact]
    public void A_sound_node_has_no_findings()
    {
        Assert.Empty(TrapFinder.Find(Sound, Pods, 0));
        Assert.Empty(TrapFinder.Find(Sound, [], 1400));
    }

    [Fact]
    public void A_pods_address_on_the_node_breaks_traffic()
    {
        var finding = Single(Sound with { LocalAddresses = [Local("10.1.0.4"), Local("10.1.0.5"), Local("10.1.0.6", "eth1")] }, FindingCodes.PodAddressOnNode, breaks: true);
        Assert.Contains("2 of 2 addresses", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("10.1.0.5 on eth0, 10.1.0.6 on eth1", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("cloud-init", finding.NextStep, StringComparison.Ordinal);
        Assert.Contains("ip address del 10.1.0.5 dev eth0", finding.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_pods_addresses_are_not_known_further_ones_on_the_NIC_are_named()
    {
        var node = Sound with { LocalAddresses = [Local("10.1.0.4"), Local("10.1.0.9")] };
        var finding = Assert.Single(TrapFinder.Find(node, [], 0));
        Assert.Equal((FindingCodes.SecondaryAddressOnNic, false), (finding.Code, finding.Breaks));
        Assert.Contains("10.1.0.9", finding.Cause, StringComparison.Ordinal);
        // Known, and this one is none of them.
        Assert.Empty(TrapFinder.Find(node, Pods, 0));
    }

    [Fact]
    public void A_DROP_policy_is_named_with_its_chain() => Assert.Contains(
        "ip filter FORWARD", Single(Sound with { ForwardDrops = ["ip filter FORWARD"] }, FindingCodes.ForwardPolicyDrop, breaks: false).Cause, StringComparison.Ordinal);

    [Fact]
    public void The_older_iptables_is_pointed_at() =>
        Single(Sound with { LegacyFilter = true }, FindingCodes.ForwardPolicyUnknown, breaks: false);

    [Theory]
    [InlineData(1, "eth1", true)]
    [InlineData(2, "eth1", false)]
    [InlineData(0, "eth1", false)]
    [InlineData(1, "eth0", false)]
    public void Strict_reverse_paths_matter_with_a_second_way_out(int filter, string second, bool found)
    {
        var node = Sound with { ReversePathFilter = filter, DefaultRouteInterfaces = ["eth0", second] };
        if (found)
            Assert.Contains("net.ipv4.conf.eth0.rp_filter=2", Single(node, FindingCodes.ReversePathStrict, breaks: false).NextStep, StringComparison.Ordinal);
        else
            Assert.Empty(TrapFinder.Find(node, Pods, 0));
    }

    [Fact]
    public void Missing_parts_of_the_kernel_are_named_with_their_modules()
    {
        var finding = Single(
            Sound with { MissingFeatures = [new("masquerade", "nft_masq", "ENOENT"), new("ct", "nft_ct", "ENOENT")] }, FindingCodes.KernelFeatureMissing, breaks: true);
        Assert.Contains("masquerade (ENOENT), ct (ENOENT)", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("modprobe nft_masq nft_ct", finding.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void An_MTU_above_the_NICs_is_told_with_both_numbers()
    {
        var finding = Assert.Single(TrapFinder.Find(Sound, Pods, 9000));
        Assert.Equal((FindingCodes.MtuAboveNic, true), (finding.Code, finding.Breaks));
        Assert.Contains("9000", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("1500", finding.Cause, StringComparison.Ordinal);
        Assert.Empty(TrapFinder.Find(Sound, Pods, 1500));
    }

    [Theory]
    [InlineData(79, null)]
    [InlineData(80, false)]
    [InlineData(100, true)]
    public void A_table_of_connections_that_fills_up_is_told(int count, bool? breaks)
    {
        var node = Sound with { Connections = count, MaxConnections = 100 };
        Assert.Equal(breaks, TrapFinder.Find(node, Pods, 0).SingleOrDefault()?.Breaks);
    }

    [Fact]
    public void What_breaks_comes_first_and_long_lists_are_cut()
    {
        var many = Enumerable.Range(0, 250).Select(i => IPAddress.Parse($"10.1.1.{i}")).ToArray();
        var node = Sound with { ForwardDrops = ["ip filter FORWARD"], LocalAddresses = [.. many.Select(address => new LocalAddress(address, "eth0"))] };
        var findings = TrapFinder.Find(node, many, 0);
        Assert.Equal([FindingCodes.PodAddressOnNode, FindingCodes.ForwardPolicyDrop], findings.Select(finding => finding.Code));
        Assert.Contains("and 245 more", findings[0].Cause, StringComparison.Ordinal);
    }

    private static NodeFinding Single(NodeObservation node, string code, bool breaks)
    {
        var finding = Assert.Single(TrapFinder.Find(node, Pods, 0));
        Assert.Equal((code, breaks), (finding.Code, finding.Breaks));
        Assert.NotEmpty(finding.NextStep);
        return finding;
    }

    private static LocalAddress Local(string address, string name = "eth0") => new(IPAddress.Parse(address), name);
}

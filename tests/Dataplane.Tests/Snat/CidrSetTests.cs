using CsCheck;
using Vnetcni.Dataplane.Snat;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Snat;

public sealed class CidrSetTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0-10.255.255.255")]
    [InlineData("10.0.0.5/8", "10.0.0.0-10.255.255.255")]
    [InlineData("0.0.0.0/0", "0.0.0.0-255.255.255.255")]
    [InlineData("255.255.255.255/32", "255.255.255.255-255.255.255.255")]
    [InlineData("128.0.0.0/1", "128.0.0.0-255.255.255.255")]
    [InlineData("192.168.0.1/32", "192.168.0.1-192.168.0.1")]
    public void A_CIDR_is_read(string text, string range) => Assert.Equal(range, Assert.Single(CidrSet.Of([text]).Ranges).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("10.0.0.256/8")]
    [InlineData(" 10.0.0.0/8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("ten.0.0.0/8")]
    public void What_is_no_CIDR_is_named_and_the_others_count(string text)
    {
        var set = CidrSet.Of(["10.1.0.0/16", text, "10.3.0.0/16"]);
        Assert.Equal(2, set.Ranges.Count);
        Assert.Equal([text], set.Refused);
        Assert.Equal(1, set.RefusedCount);
    }

    [Fact]
    public void What_is_kept_of_refused_texts_is_bounded()
    {
        var set = CidrSet.Of([.. Enumerable.Repeat(new string('x', 100_000), 100)]);
        Assert.Equal(100, set.RefusedCount);
        Assert.Equal(16, set.Refused.Count);
        Assert.All(set.Refused, text => Assert.Equal(64, text.Length));
        Assert.Throws<ArgumentException>(() => CidrSet.Of([.. Enumerable.Repeat("10.0.0.0/8", CidrSet.MaxCidrs + 1)]));
    }

    [Fact]
    public void IPv6_is_counted_and_left_out()
    {
        var set = CidrSet.Of(["2001:db8::/32", "10.0.0.0/8"]);
        Assert.Equal((1, 1, 0), (set.IPv6Count, set.Ranges.Count, set.RefusedCount));
    }

    [Theory]
    [InlineData("10.0.0.0/9 10.128.0.0/9", "10.0.0.0-10.255.255.255")]
    [InlineData("10.0.0.0/8 10.1.0.0/16", "10.0.0.0-10.255.255.255")]
    [InlineData("10.1.0.0/16 10.0.0.0/8", "10.0.0.0-10.255.255.255")]
    [InlineData("10.0.0.0/8 10.0.0.0/8", "10.0.0.0-10.255.255.255")]
    [InlineData("10.0.0.0/24 10.0.2.0/24", "10.0.0.0-10.0.0.255 10.0.2.0-10.0.2.255")]
    [InlineData("10.0.0.0/8 0.0.0.0/0 192.168.0.0/16", "0.0.0.0-255.255.255.255")]
    [InlineData("255.255.255.255/32 255.255.255.254/32 0.0.0.0/32", "0.0.0.0-0.0.0.0 255.255.255.254-255.255.255.255")]
    public void Overlapping_and_neighbouring_CIDRs_are_joined(string texts, string ranges) =>
        Assert.Equal(ranges.Split(' '), CidrSet.Of(texts.Split(' ')).Ranges.Select(range => range.ToString()));

    private static readonly Gen<(uint Address, int Bits)> AnyCidr =
        Gen.OneOf(
            Gen.Select(Gen.UInt, Gen.Int[0, 32]),
            // Close together, so that they meet.
            Gen.Select(Gen.UInt[0x0a000000, 0x0a0000ff], Gen.Int[24, 32]),
            Gen.Select(Gen.UInt[0xffffff00, 0xffffffff], Gen.Int[24, 32]));

    [Fact]
    public void Joined_ranges_are_sorted_apart_and_hold_the_same_addresses() =>
        Gen.Select(AnyCidr.Array[0, 40], Gen.UInt.Array[0, 20]).Sample((cidrs, probes) =>
        {
            var set = CidrSet.Of([.. cidrs.Select(cidr => $"{Text(cidr.Address)}/{cidr.Bits}")]);
            Assert.Empty(set.Refused);
            for (var i = 1; i < set.Ranges.Count; i++)
                Assert.True(set.Ranges[i].First > set.Ranges[i - 1].Last + 1UL, $"{set.Ranges[i - 1]} and {set.Ranges[i]} overlap or touch");
            Assert.All(set.Ranges, range => Assert.True(range.First <= range.Last));
            // Probes at random, and at and beside every edge.
            var edges = set.Ranges.SelectMany(range => new[] { range.First, range.First - 1, range.Last, range.Last + 1 });
            foreach (var probe in probes.Concat(edges).Concat(cidrs.Select(cidr => cidr.Address)))
                Assert.Equal(cidrs.Any(cidr => Holds(cidr, probe)), set.Contains(probe));
        }, iter: 2000);

    [Fact]
    public void Joining_what_was_joined_changes_nothing() =>
        AnyCidr.Array[0, 40].Sample(cidrs =>
        {
            var set = CidrSet.Of([.. cidrs.Select(cidr => $"{Text(cidr.Address)}/{cidr.Bits}")]);
            Assert.Equal(set.Ranges, CidrSet.Join([.. set.Ranges.Reverse()]));
        }, iter: 500);

    private static bool Holds((uint Address, int Bits) cidr, uint probe) =>
        cidr.Bits == 0 || cidr.Address >> (32 - cidr.Bits) == probe >> (32 - cidr.Bits);

    private static string Text(uint address) => $"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}";
}

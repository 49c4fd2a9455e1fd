using Vnetcni.Ipam.Addressing;
using Xunit;

namespace Vnetcni.Ipam.Tests.Addressing;

public class AddressingEdgeTests
{
    private static readonly IpAddress Low = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress High = IpAddress.Parse("10.0.0.2");

    [Fact]
    public void Addresses_compare_by_all_operators()
    {
        var same = IpAddress.Parse("10.0.0.1");
        Assert.True(Low < High && Low <= High && High > Low && High >= Low && Low != High);
        Assert.True(Low == same && Low <= same && Low >= same);
        Assert.False(Low > same || Low < same || Low != same || Low == High || High < Low || High <= Low || Low > High || Low >= High);
    }

    [Fact]
    public void Equal_addresses_are_equal_as_objects_and_hash_alike()
    {
        Assert.True(Low.Equals((object)IpAddress.Parse("10.0.0.1")));
        Assert.False(Low.Equals((object)High));
        Assert.False(Low.Equals("10.0.0.1"));
        Assert.Equal(Low.GetHashCode(), IpAddress.Parse("10.0.0.1").GetHashCode());
        Assert.NotEqual(IpAddress.V4(1).GetHashCode(), IpAddress.V6(1).GetHashCode());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("]")]
    [InlineData("::1]")]
    [InlineData("fe80::1%1")]
    [InlineData("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000")]
    public void What_is_no_address_is_refused(string? text) => Assert.False(IpAddress.TryParse(text, out _));

    [Fact]
    public void The_longest_text_of_an_address_is_read() =>
        Assert.Equal(128, IpAddress.Parse("0000:0000:0000:0000:0000:ffff:255.255.255.255").Bits);

    [Fact]
    public void A_message_names_the_text_that_is_no_address()
    {
        Assert.Contains("10.1", Assert.Throws<FormatException>(() => IpAddress.Parse("10.1")).Message, StringComparison.Ordinal);
        Assert.Contains("10.0.0.1/8", Assert.Throws<FormatException>(() => Cidr.Parse("10.0.0.1/8")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.7/32", "10.0.0.7", 1)]
    [InlineData("0.0.0.0/0", "255.255.255.255", 4294967296)]
    [InlineData("10.0.0.0/30", "10.0.0.3", 4)]
    [InlineData("fd00::/126", "fd00::3", 4)]
    [InlineData("fd00::1/128", "fd00::1", 1)]
    public void A_prefix_has_a_last_address_and_a_size(string text, string last, long size)
    {
        var cidr = Cidr.Parse(text);
        Assert.Equal(IpAddress.Parse(last), cidr.Last);
        Assert.Equal((UInt128)size, cidr.Size);
        Assert.Equal(text, cidr.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/0008")]
    [InlineData("10.0.0.0/1x")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("fd00::/129")]
    [InlineData("fd00::1/127")]
    [InlineData("nonsense/8")]
    public void What_is_no_prefix_is_refused(string? text) => Assert.False(Cidr.TryParse(text, out _));

    [Fact]
    public void A_prefix_around_an_address_clears_its_host_bits()
    {
        Assert.Equal(Cidr.Parse("10.0.0.0/8"), Cidr.Around(IpAddress.Parse("10.1.2.3"), 8));
        Assert.Equal(Cidr.Parse("fd00::/8"), Cidr.Around(IpAddress.Parse("fd00::77"), 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cidr.Around(Low, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cidr.Around(Low, -1));
    }

    [Fact]
    public void A_prefix_contains_and_overlaps_nothing_of_the_other_family()
    {
        var (v4, v6) = (Cidr.Parse("0.0.0.0/0"), Cidr.Parse("::/0"));
        Assert.False(v4.Contains(IpAddress.Parse("::1")) || v6.Contains(Low) || v4.Overlaps(v6));
        Assert.True(v6.Contains(IpAddress.Parse("ffff::")));
    }

    [Fact]
    public void Prefixes_compare_by_network_then_by_length()
    {
        var (wide, narrow, next) = (Cidr.Parse("10.0.0.0/8"), Cidr.Parse("10.0.0.0/16"), Cidr.Parse("11.0.0.0/8"));
        var same = Cidr.Parse("10.0.0.0/8");
        Assert.Equal([wide, narrow, next], new[] { next, narrow, wide }.Order());
        Assert.True(wide < narrow && wide <= narrow && next > narrow && next >= narrow && wide != narrow);
        Assert.True(wide == same && wide <= same && wide >= same && wide.Equals((object)same));
        Assert.False(wide < same || wide > same || wide != same || wide == next || narrow <= wide || narrow >= next);
        Assert.False(wide.Equals((object)narrow) || wide.Equals("10.0.0.0/8"));
        Assert.Equal(wide.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(wide.GetHashCode(), narrow.GetHashCode());
    }

    [Fact]
    public void The_capacity_of_an_IPv6_subnet_is_not_known() =>
        Assert.Throws<ArgumentException>(() => SubnetCapacity.Of(Cidr.Parse("fd00::/64")));

    [Fact]
    public void An_address_of_another_subnet_is_not_reserved_in_this_one()
    {
        var subnet = Cidr.Parse("10.0.1.0/24");
        Assert.False(SubnetCapacity.IsReserved(subnet, IpAddress.Parse("10.0.2.1")));
        Assert.False(SubnetCapacity.IsReserved(subnet, IpAddress.Parse("10.0.0.255")));
        Assert.False(SubnetCapacity.IsReserved(subnet, IpAddress.Parse("10.0.1.4")));
    }
}

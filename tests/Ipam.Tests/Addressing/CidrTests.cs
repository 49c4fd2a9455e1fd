using CsCheck;
using Vnetcni.Ipam.Addressing;
using Xunit;

namespace Vnetcni.Ipam.Tests.Addressing;

public class CidrTests
{
    private static readonly Gen<Cidr> AnyV4 =
        Gen.Select(Gen.UInt, Gen.Int[0, 32], (number, length) => Cidr.Around(IpAddress.V4(number), length));

    [Fact]
    public void A_prefix_survives_its_text() => AnyV4.Sample(cidr => Cidr.Parse(cidr.ToString()) == cidr);

    [Fact]
    public void A_prefix_contains_its_ends_and_nothing_beside_them() =>
        AnyV4.Sample(cidr =>
        {
            var before = cidr.Network.Value == 0 || !cidr.Contains(IpAddress.V4((uint)cidr.Network.Value - 1));
            var after = cidr.Last.Value == uint.MaxValue || !cidr.Contains(IpAddress.V4((uint)cidr.Last.Value + 1));
            return cidr.Contains(cidr.Network) && cidr.Contains(cidr.Last) && before && after;
        });

    [Fact]
    public void Overlap_is_the_same_as_one_containing_the_other() =>
        Gen.Select(AnyV4, AnyV4).Sample((a, b) =>
            a.Overlaps(b) == (a.Contains(b.Network) && a.Contains(b.Last) || b.Contains(a.Network) && b.Contains(a.Last)));

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0")]
    [InlineData("/8")]
    public void A_malformed_prefix_or_set_host_bits_are_refused(string text)
    {
        Assert.False(Cidr.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Cidr.Parse(text));
    }

    [Theory]
    [InlineData("10.0.0.0/24", 251)]
    [InlineData("10.0.0.0/29", 3)]
    [InlineData("10.0.0.0/30", 0)]
    [InlineData("10.0.0.0/16", 65531)]
    [InlineData("0.0.0.0/0", 4294967291)]
    public void Azure_keeps_five_addresses_of_each_subnet(string cidr, long usable)
    {
        var subnet = Cidr.Parse(cidr);
        Assert.Equal(usable, SubnetCapacity.Of(subnet));
    }

    [Fact]
    public void The_reserved_addresses_are_the_first_four_and_the_last()
    {
        var subnet = Cidr.Parse("10.0.0.0/28");
        var reserved = Enumerable.Range(0, 16)
            .Where(host => SubnetCapacity.IsReserved(subnet, IpAddress.V4(0x0A000000u + (uint)host)));
        Assert.Equal([0, 1, 2, 3, 15], reserved);
    }

    [Fact]
    public void The_whole_of_IPv6_has_a_size() => Assert.Equal(UInt128.MaxValue, Cidr.Parse("::/0").Size);
}

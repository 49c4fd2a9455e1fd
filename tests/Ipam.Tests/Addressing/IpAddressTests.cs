using System.Net;
using CsCheck;
using Vnetcni.Ipam.Addressing;
using Xunit;

namespace Vnetcni.Ipam.Tests.Addressing;

public class IpAddressTests
{
    [Fact]
    public void Every_IPv4_number_survives_text_and_the_BCL_type() =>
        Gen.UInt.Sample(number =>
        {
            var address = IpAddress.V4(number);
            return IpAddress.Parse(address.ToString()) == address && IpAddress.From(address.ToIPAddress()) == address;
        });

    [Fact]
    public void Every_IPv6_number_survives_text_and_the_BCL_type() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((high, low) =>
        {
            var address = IpAddress.V6(new UInt128(high, low));
            return IpAddress.Parse(address.ToString()) == address && IpAddress.From(address.ToIPAddress()) == address;
        });

    [Theory]
    [InlineData("")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1 ")]
    [InlineData("167772161")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    public void Text_that_other_programs_could_read_differently_is_refused(string text)
    {
        Assert.False(IpAddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => IpAddress.Parse(text));
    }

    [Fact]
    public void Order_is_numeric_and_IPv4_comes_before_IPv6()
    {
        Assert.True(IpAddress.Parse("9.255.255.255") < IpAddress.Parse("10.0.0.0"));
        Assert.True(IpAddress.Parse("255.255.255.255") < IpAddress.Parse("::"));
        Assert.NotEqual(IpAddress.Parse("0.0.0.1"), IpAddress.Parse("::1"));
    }

    [Fact]
    public void The_default_is_no_address()
    {
        Assert.True(default(IpAddress).IsNone);
        Assert.Equal(string.Empty, default(IpAddress).ToString());
        Assert.NotEqual(default, IpAddress.Parse("0.0.0.0"));
        Assert.Throws<InvalidOperationException>(() => default(IpAddress).ToIPAddress());
    }

    [Fact]
    public void An_address_with_a_scope_id_is_refused() =>
        Assert.Throws<ArgumentException>(() => IpAddress.From(new IPAddress(IPAddress.IPv6Loopback.GetAddressBytes(), 3)));
}

using System.Net;
using System.Text;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer.Config;
using Vnetcni.NodeAgent.CniServer.Results;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.CniServer;

public class IpamResultWriterTests
{
    private static readonly AddOutcome s_given = new(null, new PodAddress(IPAddress.Parse("10.1.0.70"), null));

    [Theory]
    [InlineData("0.3.1", true)]
    [InlineData("0.4.0", true)]
    [InlineData("1.0.0", false)]
    [InlineData("1.1.0", false)]
    public void The_result_has_address_routes_and_dns_of_the_version_asked_for_and_no_interfaces(string version, bool carriesFamily)
    {
        var result = Write(version, s_given, """ "subnet":"10.1.0.64/26" """);
        Assert.Equal(["cniVersion", "ips", "routes", "dns"], result.EnumerateObject().Select(member => member.Name));
        Assert.Equal(version, result.GetProperty("cniVersion").GetString());
        var ip = Assert.Single(result.GetProperty("ips").EnumerateArray());
        Assert.Equal("10.1.0.70/26", ip.GetProperty("address").GetString());
        Assert.Equal("10.1.0.65", ip.GetProperty("gateway").GetString());
        Assert.Equal(carriesFamily, ip.TryGetProperty("version", out _));
        Assert.False(ip.TryGetProperty("interface", out _));
        Assert.Equal("0.0.0.0/0", Assert.Single(result.GetProperty("routes").EnumerateArray()).GetProperty("dst").GetString());
        Assert.Equal("10.0.0.10", result.GetProperty("dns").GetProperty("nameservers")[0].GetString());
    }

    [Fact]
    public void Routes_of_the_configuration_take_the_place_of_the_default_route()
    {
        var result = Write("1.0.0", s_given, """ "subnet":"10.1.0.0/24","routes":[{"dst":"10.0.0.0/8","gw":"10.1.0.3"}] """);
        Assert.Equal("10.1.0.3", Assert.Single(result.GetProperty("routes").EnumerateArray()).GetProperty("gw").GetString());
        Assert.Empty(Write("1.0.0", s_given, """ "subnet":"10.1.0.0/24","routes":[] """).GetProperty("routes").EnumerateArray());
    }

    [Fact]
    public void The_pool_tells_the_subnet_where_the_configuration_does_not()
    {
        var told = new AddOutcome(null, s_given.Addresses[0] with { Subnet = PodSubnet.TryParse("10.1.0.0/16", "10.1.0.1") });
        Assert.Equal("10.1.0.70/16", Write("1.0.0", told, """ "x":1 """).GetProperty("ips")[0].GetProperty("address").GetString());
        Assert.Equal("10.1.0.70/24", Write("1.0.0", told, """ "subnet":"10.1.0.0/24" """).GetProperty("ips")[0].GetProperty("address").GetString());
        var unknown = Assert.Throws<CniException>(() => Write("1.0.0", s_given, """ "x":1 """));
        Assert.Equal(CniErrorCode.InvalidConfig, unknown.Code);
        Assert.Contains("ipam.subnet", unknown.Details, StringComparison.Ordinal);
        var other = Assert.Throws<CniException>(() => Write("1.0.0", told, """ "subnet":"10.2.0.0/24" """));
        Assert.Contains("10.2.0.0/24 does not contain 10.1.0.70", other.Message, StringComparison.Ordinal);
    }

    private static JsonElement Write(string version, AddOutcome outcome, string ipam)
    {
        var text = $$"""{"cniVersion":"{{version}}","name":"vnet","type":"bridge","dns":{"nameservers":["10.0.0.10"]},"ipam":{"type":"vnetcni",{{ipam}} } }""";
        var config = NetworkConfigReader.Read(CniCommand.Add, Encoding.UTF8.GetBytes(text));
        var written = IpamResultWriter.Write(outcome, config.Ipam!, config);
        return JsonDocument.Parse(written).RootElement;
    }
}

using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Tests.Settings;

public sealed class NodeSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["pool"] = "a", ["arch"] = "amd64" };

    [Theory]
    [InlineData("pool", "In", "a,b", true)]
    [InlineData("pool", "In", "b", false)]
    [InlineData("none", "In", "a", false)]
    [InlineData("pool", "NotIn", "b", true)]
    [InlineData("pool", "NotIn", "a", false)]
    [InlineData("none", "NotIn", "a", true)]
    [InlineData("pool", "Exists", "", true)]
    [InlineData("none", "Exists", "", false)]
    [InlineData("none", "DoesNotExist", "", true)]
    [InlineData("pool", "DoesNotExist", "", false)]
    [InlineData("pool", "Gt", "a", false)]
    public void Operators_work_as_in_kubernetes(string key, string @operator, string values, bool expected)
    {
        var selector = new NodeSelector { MatchExpressions = [new() { Key = key, Operator = @operator, Values = values.Split(',', StringSplitOptions.RemoveEmptyEntries) }] };
        Assert.Equal(expected, selector.Matches(Labels));
    }

    [Fact]
    public void Everything_must_match()
    {
        Assert.True(new NodeSelector().Matches(null));
        Assert.True(new NodeSelector { MatchLabels = Labels }.Matches(Labels));
        Assert.False(new NodeSelector { MatchLabels = Labels }.Matches(null));
        Assert.False(new NodeSelector { MatchLabels = Labels, MatchExpressions = [new() { Key = "x", Operator = "Exists" }] }.Matches(Labels));
    }

    [Theory]
    [InlineData("/subscriptions/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/Prod_VNet.1", "prod-vnet-1")]
    [InlineData("/subscriptions/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/__", "vnet")]
    public void A_virtual_network_is_named_by_its_id_without_case(string id, string start)
    {
        var name = VirtualNetworkNames.For(id);
        Assert.Matches($"^{start}-[0-9a-f]{{8}}$", name);
        Assert.Equal(name, VirtualNetworkNames.For(id.ToUpperInvariant()));
        Assert.NotEqual(name, VirtualNetworkNames.For(id.Replace("/rg/", "/rg2/")));
        Assert.InRange(VirtualNetworkNames.For(id + new string('x', 200)).Length, 1, 63);
    }
}

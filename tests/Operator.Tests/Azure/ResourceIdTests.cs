using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class ResourceIdTests
{
    private const string Subnet = "/subscriptions/s/resourceGroups/rg_1.(x)/providers/Microsoft.Network/virtualNetworks/v/subnets/pods";

    [Fact]
    public void The_parts_are_read()
    {
        var id = ResourceId.Parse(Subnet);
        Assert.Equal(("s", "rg_1.(x)", "pods", "Microsoft.Network/virtualNetworks/subnets"), (id.SubscriptionId, id.ResourceGroup, id.Name, id.Type));
        Assert.Equal(("v", null), (id.Parent!.Name, id.Parent.Parent));
        Assert.True(id.IsOfType("microsoft.network/VIRTUALNETWORKS/subnets"));
        Assert.Equal(Subnet, id.ToString());
    }

    [Fact]
    public void Ids_are_compared_without_case()
    {
        var (a, b) = (ResourceId.Parse(Subnet), ResourceId.Parse(Subnet.ToUpperInvariant()));
        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual(a, a.Parent);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/subscriptions/s/resourceGroups/rg")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/n/")]
    [InlineData("/subscriptions/s/resourceGroups/../providers/P/t/n")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/..")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/n?x=1")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/n#")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/n%2f")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/a b")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/P/t/a\r\nX: y")]
    [InlineData("/subscriptions/s/resourceGroups//providers/P/t/n")]
    [InlineData("x/subscriptions/s/resourceGroups/rg/providers/P/t/n")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(ResourceId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => ResourceId.Parse(text));
    }

    [Theory]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm", false)]
    [InlineData("AZURE:///subscriptions/s/resourcegroups/rg/providers/microsoft.compute/virtualmachinescalesets/v/virtualmachines/0", true)]
    public void A_provider_id_names_a_vm(string text, bool scaleSet)
    {
        Assert.True(ProviderId.TryParse(text, out var id));
        Assert.Equal(scaleSet, id.IsScaleSetVm);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("aws:///zone/i-1")]
    [InlineData("azure://")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm/../x/y")]
    public void Another_provider_id_is_refused(string? text) => Assert.False(ProviderId.TryParse(text, out _));
}

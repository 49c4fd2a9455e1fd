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
    [InlineData("azure:///subscriptions/0f4e2c1a-0000-4000-8000-00000000aaaa/resourceGroups/mc_rg_aks_westeurope/providers/Microsoft.Compute/virtualMachines/aks-np1-12345678-vmss_1a2b3c4d", false)]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/flex_0f4e2c1a-1111-4222-8333-444455556666", false)]
    [InlineData("azure:///SUBSCRIPTIONS/S/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-1.A", false)]
    [InlineData("AZURE:///subscriptions/s/resourcegroups/rg/providers/microsoft.compute/virtualmachinescalesets/v/virtualmachines/0", true)]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/aks-np1-vmss/virtualMachines/4711", true)]
    [InlineData("Azure:///subscriptions/s/resourceGroups/RG_(x).1/providers/Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines/007", true)]
    public void A_provider_id_names_a_vm(string text, bool scaleSet)
    {
        Assert.True(ProviderId.TryParse(text, out var id, out var fault));
        Assert.Null(fault);
        Assert.Equal(scaleSet, id.IsScaleSetVm);
        Assert.Equal(text["azure://".Length..], id.Vm.ToString());
    }

    [Theory]
    [InlineData(null, "it has none yet")]
    [InlineData("", "it has none yet")]
    [InlineData("aws:///zone/i-1", "that is of another cloud")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm", "that is of another cloud")]
    [InlineData("azure://", "that is no resource id")]
    [InlineData("azure:////subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm/", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm ", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm?x=1", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm\n", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm/../x/y", "that is no resource id")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n", "that names a Microsoft.Network/networkInterfaces")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/v", "that names a Microsoft.Compute/virtualMachineScaleSets")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm/extensions/x", "that names a Microsoft.Compute/virtualMachines/extensions")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines/v_0", "instance 'v_0' of scale set v is not a number")]
    [InlineData("azure:///subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines/1a", "instance '1a' of scale set v is not a number")]
    public void Another_provider_id_is_refused_and_why_is_said(string? text, string why)
    {
        Assert.False(ProviderId.TryParse(text, out _, out var fault));
        Assert.StartsWith(why, fault, StringComparison.Ordinal);
    }
}

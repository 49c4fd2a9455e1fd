using System.Text;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Operations;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualMachines;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class ClientTests
{
    private const string VNet = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";
    private const string Vm = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1";
    private static readonly ResourceId Nic = ResourceId.Parse(NicText.Id);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_nic_is_read_by_id_whatever_the_case_of_the_answer()
    {
        var arm = CannedArm.Of(200, Encoding.UTF8.GetString(NicText.Realistic(2)).Replace("resourceGroups/rg", "resourceGroups/RG"));
        var result = await new NetworkInterfaceClient(arm, NicText.Names).GetAsync(Nic, Stop);
        Assert.True(result.IsSuccess);
        Assert.Equal(2, result.Value.IpConfigurations.Count);
        Assert.Equal(("GET", $"{NicText.Id}?api-version=2025-05-01"), (arm.Requests[0].Method, arm.Requests[0].PathAndQuery));
    }

    [Fact]
    public async Task An_answer_about_another_nic_is_refused()
    {
        var arm = CannedArm.Of(200, Encoding.UTF8.GetString(NicText.Realistic(1)).Replace("networkInterfaces/nic1", "networkInterfaces/nic2"));
        await Assert.ThrowsAsync<ArmAnswerException>(() => new NetworkInterfaceClient(arm, NicText.Names).GetAsync(Nic, Stop));
    }

    [Fact]
    public async Task A_missing_nic_is_an_error_not_an_exception()
    {
        var result = await new NetworkInterfaceClient(CannedArm.Of(404, "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"m\"}}"), NicText.Names).GetAsync(Nic, Stop);
        Assert.False(result.IsSuccess);
        Assert.Equal("NicNotFound", result.Error.Reason);
    }

    [Fact]
    public async Task A_put_is_conditional_and_tells_the_operation()
    {
        var arm = new CannedArm(_ => CannedArm.Answer(200, "{}") with { AsyncOperation = "https://arm/op", RetryAfter = TimeSpan.FromSeconds(10), CorrelationId = "c" });
        var client = new NetworkInterfaceClient(arm, NicText.Names);
        var outcome = await client.PutAsync(Nic, "{\"a\":1}"u8.ToArray(), "W/\"1\"", Stop);
        Assert.True(outcome.IsAccepted);
        Assert.Equal(("https://arm/op", TimeSpan.FromSeconds(10), "c"), (outcome.OperationUrl, outcome.RetryAfter!.Value, outcome.CorrelationId));
        Assert.Equal(("PUT", "W/\"1\"", "{\"a\":1}"), (arm.Requests[0].Method, arm.Requests[0].IfMatch, Encoding.UTF8.GetString(arm.Requests[0].Body.Span)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.PutAsync(Nic, default, string.Empty, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => client.PutAsync(ResourceId.Parse(Vm), default, "e", Stop));
    }

    [Fact]
    public async Task A_refused_put_is_classified()
    {
        var outcome = await new NetworkInterfaceClient(CannedArm.Of(412, "{\"error\":{\"code\":\"PreconditionFailed\"}}"), NicText.Names).PutAsync(Nic, "{}"u8.ToArray(), "e", Stop);
        Assert.False(outcome.IsAccepted);
        Assert.Equal(ArmAction.ReRead, outcome.Error.Action);
    }

    [Theory]
    [InlineData(200, "{\"status\":\"InProgress\"}", ArmOperationState.Running, null)]
    [InlineData(200, "{\"status\":\"Novel\",\"error\":null}", ArmOperationState.Running, null)]
    [InlineData(200, "{\"name\":\"x\",\"status\":\"succeeded\"}", ArmOperationState.Succeeded, null)]
    [InlineData(200, "", ArmOperationState.Succeeded, null)]
    [InlineData(204, "", ArmOperationState.Succeeded, null)]
    [InlineData(202, "", ArmOperationState.Running, null)]
    [InlineData(200, "{\"status\":\"Failed\",\"error\":{\"code\":\"SubnetIsFull\",\"message\":\"m\"}}", ArmOperationState.Failed, ArmCause.SubnetFull)]
    [InlineData(200, "{\"error\":{\"code\":\"Canceled\",\"message\":\"m\",\"details\":[{\"code\":\"CanceledAndSupersededDueToAnotherOperation\"}]},\"status\":\"Canceled\"}", ArmOperationState.Failed, ArmCause.Superseded)]
    [InlineData(200, "{\"status\":\"Failed\"}", ArmOperationState.Failed, ArmCause.Unknown)]
    [InlineData(404, "", ArmOperationState.Gone, ArmCause.NotFound)]
    [InlineData(429, "{\"error\":{\"code\":\"TooManyRequests\"}}", ArmOperationState.PollFailed, ArmCause.Throttled)]
    public async Task An_operation_is_read(int status, string body, ArmOperationState state, ArmCause? cause)
    {
        var operation = await new OperationClient(CannedArm.Of(status, body)).PollAsync("https://arm/op", Stop);
        Assert.Equal((state, cause), (operation.State, operation.Error?.Cause));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"status\":1}")]
    [InlineData("{\"status\":\"\\ud800\"}")]
    public async Task A_malformed_operation_is_refused(string body) =>
        await Assert.ThrowsAsync<ArmAnswerException>(() => new OperationClient(CannedArm.Of(200, body)).PollAsync("https://arm/op", Stop));

    [Fact]
    public async Task A_virtual_network_is_read_with_capacities_and_connected_peerings()
    {
        var arm = CannedArm.Of(200, """
            {"id":"VNET","name":"v","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/8"]},"subnets":[
            {"id":"VNET/subnets/a","name":"a","properties":{"addressPrefix":"10.1.0.0/24","ipConfigurations":[{"id":"x"}]}},
            {"id":"VNET/subnets/b","name":"b","properties":{"addressPrefixes":["10.2.0.0/16","fd00::/64"],"ipConfigurations":null}},
            {"id":"VNET/subnets/c","name":"c","properties":{"addressPrefix":"10.3.0.0/29"}}],
            "virtualNetworkPeerings":[{"properties":{"peeringState":"Connected","remoteAddressSpace":{"addressPrefixes":["172.16.0.0/16"]},"remoteVirtualNetworkAddressSpace":{"addressPrefixes":["172.16.0.0/16","172.17.0.0/16"]}}},
            {"properties":{"peeringState":"Disconnected","remoteAddressSpace":{"addressPrefixes":["172.18.0.0/16"]}}}]}}
            """.Replace("VNET", VNet));
        var view = (await new VirtualNetworkClient(arm).GetAsync(ResourceId.Parse(VNet), Stop)).Value!;
        Assert.Equal([251, 65_531, 3], view.Subnets.Select(subnet => subnet.Capacity));
        Assert.Equal(["10.2.0.0/16", "fd00::/64"], view.Subnets[1].Prefixes);
        Assert.Equal(["172.16.0.0/16", "172.17.0.0/16"], view.PeeredPrefixes);
        Assert.Equal(["10.0.0.0/8"], view.AddressPrefixes);
    }

    [Fact]
    public async Task Usages_are_read_over_pages_or_not_at_all()
    {
        var second = CannedArm.Answer(200, "{\"value\":[{\"id\":\"b\",\"currentValue\":3.0,\"limit\":11.0}]}");
        var first = CannedArm.Answer(200, "{\"value\":[{\"id\":\"a\",\"currentValue\":1,\"limit\":251}],\"nextLink\":\"https://arm/next\"}");
        var client = new VirtualNetworkClient(new CannedArm(request => request.PathAndQuery.StartsWith('/') ? first : second));
        Assert.Equal([new("a", 1, 251), new("b", 3, 11)], (await client.GetUsagesAsync(ResourceId.Parse(VNet), Stop)).Value!);
        client = new VirtualNetworkClient(new CannedArm(request => request.PathAndQuery.StartsWith('/') ? first : CannedArm.Answer(503, "")));
        Assert.Equal(ArmCause.ServerFault, (await client.GetUsagesAsync(ResourceId.Parse(VNet), Stop)).Error!.Cause);
        client = new VirtualNetworkClient(new CannedArm(_ => first));
        await Assert.ThrowsAsync<ArmAnswerException>(() => client.GetUsagesAsync(ResourceId.Parse(VNet), Stop));
    }

    [Fact]
    public async Task A_vm_is_read_with_its_power_state_and_primary_nic()
    {
        var arm = CannedArm.Of(200, """
            {"id":"VM","name":"vm1","location":"westeurope","zones":["2"],"properties":{"vmId":"guid","instanceView":{"statuses":[{"code":"ProvisioningState/succeeded"},{"code":"PowerState/deallocated"}]},
            "networkProfile":{"networkInterfaces":[{"id":"/n/a","properties":null},{"id":"/n/b","properties":{"primary":true,"deleteOption":"Delete"}}]}}}
            """.Replace("VM", Vm));
        var vm = (await new VirtualMachineClient(arm).GetAsync(ResourceId.Parse(Vm), Stop)).Value!;
        Assert.Equal(("guid", "2", "deallocated", true, "/n/b"), (vm.VmId, vm.Zone, vm.PowerState, vm.IsDeallocated, vm.PrimaryNetworkInterface?.Id));
        Assert.EndsWith("?api-version=2025-04-01&$expand=instanceView", arm.Requests[0].PathAndQuery);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"id\":\"i\"}")]
    [InlineData("{\"id\":\"i\",\"properties\":{\"vmId\":\"v\",\"networkProfile\":{\"networkInterfaces\":[{}]}}}")]
    [InlineData("{\"id\":\"i\",\"properties\":[]}")]
    [InlineData("nonsense")]
    public async Task A_malformed_vm_or_network_is_refused(string body)
    {
        await Assert.ThrowsAsync<ArmAnswerException>(() => new VirtualMachineClient(CannedArm.Of(200, body)).GetAsync(ResourceId.Parse(Vm), Stop));
        await Assert.ThrowsAsync<ArmAnswerException>(() => new VirtualNetworkClient(CannedArm.Of(200, body)).GetAsync(ResourceId.Parse(VNet), Stop));
    }

    [Fact]
    public void A_vm_with_one_nic_needs_no_flag()
    {
        VirtualMachineView Vm(params VirtualMachineNic[] nics) => new() { Id = "i", VmId = "v", NetworkInterfaces = nics };
        Assert.Equal("a", Vm(new VirtualMachineNic("a", false)).PrimaryNetworkInterface?.Id);
        Assert.Null(Vm(new("a", false), new("b", false)).PrimaryNetworkInterface);
    }
}

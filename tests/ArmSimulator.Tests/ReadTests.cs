using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class ReadTests
{
    [Fact]
    public void Lists_page_by_nextLink_and_show_every_NIC_once()
    {
        using var rig = new Rig(new SimSettings { PageSize = 2 });
        rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Nics = [.. Enumerable.Range(3, 3).Select(static i => new ScenarioNic($"nic-{i}", "vnet/pods"))] });
        foreach (var start in (string[])[$"{Group}/providers/Microsoft.Network/networkInterfaces", $"/subscriptions/{Sub}/providers/Microsoft.Network/networkInterfaces"])
        {
            List<string> names = [];
            var pages = 0;
            for (string? next = start; next is not null; pages++)
            {
                var response = rig.Get(next);
                Assert.Null(response.Header("ETag"));
                var page = Body(response);
                names.AddRange(page["value"]!.AsArray().Select(static n => n!["name"]!.GetValue<string>()));
                Assert.All(page["value"]!.AsArray(), static n => Assert.NotNull(n!["etag"]));
                next = page["nextLink"]?.GetValue<string>();
            }

            Assert.Equal(3, pages);
            Assert.Equal(["nic-1", "nic-2", "nic-3", "nic-4", "nic-5"], names);
        }
    }

    [Fact]
    public void A_VNet_shows_address_space_peerings_and_subnets()
    {
        using var rig = new Rig();
        var vnet = rig.Read(Vnet);
        Assert.Equal("10.0.0.0/15", vnet["properties"]!["addressSpace"]!["addressPrefixes"]![0]!.GetValue<string>());
        var peering = Assert.Single(vnet["properties"]!["virtualNetworkPeerings"]!.AsArray())!;
        Assert.Equal("10.200.0.0/16", peering["properties"]!["remoteVirtualNetworkAddressSpace"]!["addressPrefixes"]![0]!.GetValue<string>());
        Assert.Equal(["other", "pods"], vnet["properties"]!["subnets"]!.AsArray().Select(static s => s!["name"]!.GetValue<string>()));
        Assert.Equal("10.0.0.0/16", rig.Read(Subnet)["properties"]!["addressPrefix"]!.GetValue<string>());
        Assert.Equal(2, rig.Read(Subnet)["properties"]!["ipConfigurations"]!.AsArray().Count);
        Assert.Equal(2, rig.Read($"{Vnet}/subnets")["value"]!.AsArray().Count);
        Assert.Single(rig.Read($"{Group}/providers/Microsoft.Network/virtualNetworks")["value"]!.AsArray());
    }

    [Fact]
    public void A_large_subnet_does_not_list_its_configurations()
    {
        using var rig = new Rig(new SimSettings { SubnetListsAtMost = 1 });
        Assert.Null(rig.Read(Subnet)["properties"]!["ipConfigurations"]);
    }

    [Fact]
    public void Usages_count_addresses_against_the_subnet_less_five()
    {
        using var rig = new Rig();
        rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2"));
        var usages = rig.Read($"{Vnet}/usages")["value"]!.AsArray();
        var pods = usages.Single(static u => u!["id"]!.GetValue<string>() == Subnet)!;
        Assert.Equal((4, 65_531), (pods["currentValue"]!.GetValue<int>(), pods["limit"]!.GetValue<long>()));
        Assert.Equal("SubnetSpace", pods["name"]!["value"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("10.0.0.99", true, false)]
    [InlineData("10.0.0.4", false, false)]
    [InlineData("10.0.0.1", false, true)]
    public void CheckIPAddressAvailability_tells_free_taken_and_reserved(string address, bool available, bool reserved)
    {
        using var rig = new Rig();
        var answer = Body(rig.Get($"{Vnet}/CheckIPAddressAvailability{NetworkVersion}&ipAddress={address}"));
        Assert.Equal((available, reserved), (answer["available"]!.GetValue<bool>(), answer["isPlatformReserved"]!.GetValue<bool>()));
        if (!available)
            Assert.Equal(["10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9", "10.0.0.10"], answer["availableIPAddresses"]!.AsArray().Select(static a => a!.GetValue<string>()));
    }

    [Fact]
    public void A_VM_shows_its_NICs_and_on_request_its_power_state()
    {
        using var rig = new Rig();
        var vm = rig.Read(Vm1);
        var nic = Assert.Single(vm["properties"]!["networkProfile"]!["networkInterfaces"]!.AsArray())!;
        Assert.Equal((Nic1, true), (nic["id"]!.GetValue<string>(), nic["properties"]!["primary"]!.GetValue<bool>()));
        Assert.True(Guid.TryParse(vm["properties"]!["vmId"]!.GetValue<string>(), out _));
        Assert.Null(vm["properties"]!["instanceView"]);

        rig.Arm.SetPowerState(Vm1, "deallocated");
        static string[] Codes(JsonNode view) => [.. view["statuses"]!.AsArray().Select(static s => s!["code"]!.GetValue<string>())];
        var expanded = Body(rig.Get($"{Vm1}?api-version=2025-04-01&$expand=instanceView"));
        Assert.Contains("PowerState/deallocated", Codes(expanded["properties"]!["instanceView"]!));
        Assert.Contains("PowerState/deallocated", Codes(rig.Read($"{Vm1}/instanceView")));
        Assert.Equal(2, rig.Read($"{Group}/providers/Microsoft.Compute/virtualMachines")["value"]!.AsArray().Count);
    }

    [Fact]
    public void A_removed_VM_takes_its_NICs_along()
    {
        using var rig = new Rig();
        Assert.True(rig.Arm.RemoveVm(Vm1));
        Assert.False(rig.Arm.RemoveVm(Vm1));
        Assert.Equal((404, 404), (rig.Get(Vm1).Status, rig.Get(Nic1).Status));
        rig.AssertClean();
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using var rig = new Rig();
        void NotFound(string path, string code, string message)
        {
            var response = rig.Get(path);
            Assert.Equal((404, code, message), (response.Status, Code(response), Message(response)));
            Assert.Equal("gateway", response.Header("x-ms-failure-cause"));
        }

        NotFound($"{Group}/providers/Microsoft.Network/networkInterfaces/none", "ResourceNotFound",
            "The Resource 'Microsoft.Network/networkInterfaces/none' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
        NotFound($"{Vnet}/subnets/none", "ResourceNotFound",
            "The Resource 'Microsoft.Network/virtualNetworks/subnets/vnet/none' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
        NotFound(Nic1.Replace("/rg/", "/nowhere/", StringComparison.Ordinal), "ResourceGroupNotFound", "Resource group 'nowhere' could not be found.");
        NotFound(Nic1.Replace(Sub, "other", StringComparison.Ordinal), "SubscriptionNotFound", "The subscription 'other' could not be found.");
    }

    [Fact]
    public void Requests_without_api_version_with_PATCH_or_to_nowhere_are_refused()
    {
        using var rig = new Rig();
        Assert.Equal("MissingApiVersionParameter", Code(rig.Send("GET", $"{Nic1}?x=y")));
        Assert.Equal(405, rig.Send("PATCH", Nic1, new JsonObject()).Status);
        Assert.Equal(404, rig.Get("/nothing/here").Status);
        Assert.Equal(404, rig.Get($"{Nic1}/ipConfigurations/ipconfig1").Status);
        Assert.Equal("OperationNotFound", Code(rig.Get($"/subscriptions/{Sub}/providers/Microsoft.Network/locations/westeurope/operations/{Guid.Empty}")));
    }

    [Fact]
    public void Every_answer_carries_ids_and_echoes_the_correlation_id()
    {
        using var rig = new Rig();
        Assert.True(Guid.TryParse(rig.Get(Nic1).Header("x-ms-request-id"), out _));
        var given = "9f1f3b80-6a64-4a52-8f0c-1a2b3c4d5e6f";
        Assert.Equal(given, rig.Send("GET", Nic1, null, ("x-ms-correlation-request-id", given)).Header("x-ms-correlation-request-id"));
    }

    [Fact]
    public void Instance_metadata_lists_the_addresses_of_a_VM()
    {
        using var rig = new Rig();
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        var answer = JsonNode.Parse(rig.Arm.InstanceMetadata("vm-1", "network"))!;
        var nic = Assert.Single(answer["interface"]!.AsArray())!;
        Assert.Equal(["10.0.0.4", "10.0.0.6"], nic["ipv4"]!["ipAddress"]!.AsArray().Select(static a => a!["privateIpAddress"]!.GetValue<string>()));
        Assert.Equal(("10.0.0.0", "16"), (nic["ipv4"]!["subnet"]![0]!["address"]!.GetValue<string>(), nic["ipv4"]!["subnet"]![0]!["prefix"]!.GetValue<string>()));
        Assert.Matches("^000D3A[0-9A-F]{6}$", nic["macAddress"]!.GetValue<string>());
        Assert.Null(rig.Arm.InstanceMetadata("none", "network"));
    }
}

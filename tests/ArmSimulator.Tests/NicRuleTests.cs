using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>Every refusal: status, code, message, and that nothing was changed.</summary>
public sealed class NicRuleTests
{
    private static void Refused(Rig rig, int status, string code, string message, Action<JsonObject> edit)
    {
        var before = rig.Get(Nic1);
        var response = rig.Edit(Nic1, edit);
        Assert.Equal((status, code), (response.Status, Code(response)));
        Assert.Equal(message, Message(response));
        var after = rig.Get(Nic1);
        Assert.True(before.Body.Span.SequenceEqual(after.Body.Span));
        rig.AssertClean();
    }

    [Fact]
    public void A_full_subnet_is_told_with_prefix_and_number_and_takes_no_address()
    {
        using var rig = new Rig(pods: "10.0.0.0/28");
        Refused(rig, 400, "SubnetIsFull", "Subnet pods with address prefix 10.0.0.0/28 does not have enough capacity for 10 IP addresses.",
            n => Add(n, [.. Enumerable.Range(0, 10).Select(static i => $"vnetcni-{i}")]));
        var filled = rig.Edit(Nic1, n => Add(n, [.. Enumerable.Range(0, 9).Select(static i => $"vnetcni-{i}")]));
        Assert.Equal(200, filled.Status);
        Assert.Equal("10.0.0.14", Address(Body(filled), "vnetcni-8"));
        rig.Settle();
        Refused(rig, 400, "SubnetIsFull", "Subnet pods with address prefix 10.0.0.0/28 does not have enough capacity for 1 IP addresses.", n => Add(n, "vnetcni-x"));
    }

    [Theory]
    [InlineData(FreedAddresses.LastResort)]
    [InlineData(FreedAddresses.AtOnce)]
    public void In_a_full_subnet_a_PUT_gets_what_it_gives_back_and_no_more(FreedAddresses freed)
    {
        using var rig = Full(freed);
        Refused(rig, 400, "SubnetIsFull", "Subnet pods with address prefix 10.0.0.0/28 does not have enough capacity for 3 IP addresses.", n => Swap(n, "vnetcni-x", "vnetcni-y", "vnetcni-z"));
        var swapped = rig.Edit(Nic1, n => Swap(n, "vnetcni-x", "vnetcni-y"));
        Assert.Equal(200, swapped.Status);
        Assert.Equal(["10.0.0.6", "10.0.0.7"], new[] { Address(Body(swapped), "vnetcni-x"), Address(Body(swapped), "vnetcni-y") });
        rig.Settle();
        rig.AssertClean();
    }

    [Fact]
    public void In_a_full_subnet_a_strict_ARM_gives_what_a_PUT_gives_back_to_the_next()
    {
        using var rig = Full(FreedAddresses.NextWrite);
        Refused(rig, 400, "SubnetIsFull", "Subnet pods with address prefix 10.0.0.0/28 does not have enough capacity for 2 IP addresses.", n => Swap(n, "vnetcni-x", "vnetcni-y"));
        Assert.Equal(200, rig.Edit(Nic1, n => Swap(n)).Status);
        rig.Settle();
        var added = rig.Edit(Nic1, n => Add(n, "vnetcni-x", "vnetcni-y"));
        Assert.Equal(200, added.Status);
        Assert.Equal(["10.0.0.6", "10.0.0.7"], new[] { Address(Body(added), "vnetcni-x"), Address(Body(added), "vnetcni-y") });
        rig.Settle();
        rig.AssertClean();
    }

    private static Rig Full(FreedAddresses freed)
    {
        var rig = new Rig(new SimSettings { FreedAddresses = freed }, pods: "10.0.0.0/28");
        rig.Edit(Nic1, n => Add(n, [.. Enumerable.Range(0, 9).Select(static i => $"vnetcni-{i}")]));
        rig.Settle();
        return rig;
    }

    private static void Swap(JsonObject nic, params string[] names)
    {
        foreach (var gone in Configs(nic).Where(c => (string?)c!["name"] is "vnetcni-0" or "vnetcni-1").ToArray())
            Configs(nic).Remove(gone);
        Add(nic, names);
    }

    [Fact]
    public void A_Static_address_of_another_NIC_names_its_holder() =>
        Refuse(400, "PrivateIPAddressIsAllocated",
            $"IP configuration {Nic1}/ipConfigurations/vnetcni-1 is using the private IP address 10.0.0.5 which is already allocated to resource {Nic2}/ipConfigurations/ipconfig1.",
            n => Configs(n).Add((JsonNode)Config("vnetcni-1", address: "10.0.0.5")));

    [Fact]
    public void Two_configurations_of_one_PUT_cannot_share_an_address() =>
        Refuse(400, "PrivateIPAddressIsAllocated",
            $"IP configuration {Nic1}/ipConfigurations/vnetcni-2 is using the private IP address 10.0.0.99 which is already allocated to resource {Nic1}/ipConfigurations/vnetcni-1.",
            n =>
            {
                Configs(n).Add((JsonNode)Config("vnetcni-1", address: "10.0.0.99"));
                Configs(n).Add((JsonNode)Config("vnetcni-2", address: "10.0.0.99"));
            });

    [Fact]
    public void A_Static_address_outside_the_subnet() =>
        Refuse(400, "PrivateIPAddressNotInSubnet", "Private static IP address 10.9.0.1 does not belong to the range of subnet prefix 10.0.0.0/16.",
            n => Configs(n).Add((JsonNode)Config("vnetcni-1", address: "10.9.0.1")));

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("10.0.0.3")]
    [InlineData("10.0.255.255")]
    public void Static_addresses_that_Azure_reserves(string address) =>
        Refuse(400, "PrivateIPAddressInReservedRange", $"Private static IP address {address} falls within reserved IP range of subnet prefix 10.0.0.0/16.",
            n => Configs(n).Add((JsonNode)Config("vnetcni-1", address: address)));

    [Fact]
    public void Two_subnets_on_one_NIC() =>
        Refuse(400, "IpConfigurationsOnSameNicCannotUseDifferentSubnets",
            $"IPConfigurations on a Nic {Nic1} cannot belong to different subnets. Subnets referred: {Subnet};{OtherSubnet}",
            n => Configs(n).Add((JsonNode)Config("vnetcni-1", OtherSubnet)));

    [Fact]
    public void A_subnet_that_does_not_exist() =>
        Refuse(400, "InvalidResourceReference",
            $"Resource {Vnet}/subnets/none referenced by resource {Nic1} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.",
            n => Configs(n).Add((JsonNode)Config("vnetcni-1", $"{Vnet}/subnets/none")));

    [Fact]
    public void Configurations_with_different_application_security_groups() =>
        Refuse(400, ArmErrors.DifferentGroups, $"IPConfigurations on a Nic {Nic1} must refer to the same application security groups.", n =>
        {
            Add(n, "vnetcni-1");
            Configs(n)[1]!["properties"]!["applicationSecurityGroups"] = new JsonArray(new JsonObject { ["id"] = $"{Group}/providers/Microsoft.Network/applicationSecurityGroups/a" });
        });

    [Fact]
    public void Two_primaries() =>
        Refuse(400, ArmErrors.PrimaryRule, $"Network interface {Nic1} has 2 primary IP configurations; exactly one is required.",
            n => Configs(n).Add((JsonNode)Config("vnetcni-1", primary: true)));

    [Fact]
    public void No_primary() =>
        Refuse(400, ArmErrors.PrimaryRule, $"Network interface {Nic1} has 0 primary IP configurations; exactly one is required.", n =>
        {
            Add(n, "vnetcni-1");
            Configs(n)[0]!["properties"]!["primary"] = false;
        });

    [Fact]
    public void More_than_256_configurations() =>
        Refuse(400, ArmErrors.TooManyConfigurations, $"Network interface {Nic1} has 257 IP configurations; at most 256 are allowed.",
            n => Add(n, [.. Enumerable.Range(0, 256).Select(static i => $"vnetcni-{i}")]));

    [Fact]
    public void Exactly_256_configurations_pass()
    {
        using var rig = new Rig();
        Assert.Equal(200, rig.Edit(Nic1, n => Add(n, [.. Enumerable.Range(0, 255).Select(static i => $"vnetcni-{i}")])).Status);
        Assert.Equal(256, Configs(rig.Read(Nic1)).Count);
        rig.AssertClean();
    }

    [Fact]
    public void The_NICs_of_one_VM_share_its_256_addresses()
    {
        using var rig = new Rig();
        rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Nics = [new ScenarioNic("nic-1b", "vnet/pods") { Vm = "vm-1" }] });
        var response = rig.Edit(Nic1, n => Add(n, [.. Enumerable.Range(0, 255).Select(static i => $"vnetcni-{i}")]));
        Assert.Equal((400, ArmErrors.TooManyOnVm), (response.Status, Code(response)));
        Assert.Equal(200, rig.Edit(Nic1, n => Add(n, [.. Enumerable.Range(0, 254).Select(static i => $"vnetcni-{i}")])).Status);
        rig.AssertClean();
    }

    [Fact]
    public void A_VNet_ends_at_its_limit_over_all_subnets()
    {
        using var rig = new Rig(new SimSettings { MaxAddressesPerVnet = 6 });
        Assert.Equal(200, rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2", "vnetcni-3", "vnetcni-4")).Status);
        var response = rig.Edit(Nic2, n => Add(n, "vnetcni-1"));
        Assert.Equal((400, ArmErrors.TooManyInVnet), (response.Status, Code(response)));
        rig.AssertClean();
    }

    [Fact]
    public void The_default_VNet_limit_is_65536() => Assert.Equal(65_536, new SimSettings().MaxAddressesPerVnet);

    [Fact]
    public void A_subnet_that_is_not_provisioned_is_retryable()
    {
        using var rig = new Rig();
        rig.Arm.Seed(new Scenario
        {
            ResourceGroup = "rg",
            Vnets = [new ScenarioVnet("busy", ["10.4.0.0/16"], [new ScenarioSubnet("s", "10.4.0.0/24") { ProvisioningState = "Updating" }])],
        });
        var subnet = $"{Group}/providers/Microsoft.Network/virtualNetworks/busy/subnets/s";
        var response = rig.Put($"{Group}/providers/Microsoft.Network/networkInterfaces/x", NewNic(Config("a", subnet)));
        Assert.Equal((429, "RetryableError"), (response.Status, Code(response)));
        Assert.Equal("ReferencedResourceNotProvisioned", Detail(response)["code"]!.GetValue<string>());
        Assert.Contains("Resource is in Updating state", Detail(response)["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "InvalidRequestContent")]
    [InlineData("[]", "InvalidRequestContent")]
    [InlineData("{\"location\":", "InvalidRequestContent")]
    [InlineData("{\"location\":\"westeurope\",\"location\":\"westeurope\",\"properties\":{}}", "InvalidRequestContent")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"x\":\"\\ud800\"}}", "InvalidRequestContent")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"\\ud800\":1}}", "InvalidRequestContent")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"x\":1e999999999999}}", "InvalidRequestContent")]
    [InlineData("{\"location\":\"westeurope\"}", "InvalidRequestFormat")]
    [InlineData("{\"properties\":{}}", "LocationRequired")]
    [InlineData("{\"location\":7,\"properties\":{}}", "LocationRequired")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{}}", "InvalidRequestFormat")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"ipConfigurations\":[]}}", "InvalidRequestFormat")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"ipConfigurations\":[7]}}", "InvalidRequestFormat")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\"}]}}", "InvalidRequestFormat")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"subnet\":\"x\"}}]}}", "InvalidRequestFormat")]
    [InlineData("{\"location\":\"westeurope\",\"properties\":{\"ipConfigurations\":[{\"name\":\"-a\",\"properties\":{}}]}}", "InvalidResourceName")]
    public void Malformed_bodies(string body, string code)
    {
        using var rig = new Rig();
        var response = rig.SendRaw("PUT", Nic1, Encoding.UTF8.GetBytes(body));
        Assert.Equal((400, code), (response.Status, Code(response)));
    }

    [Fact]
    public void A_body_nested_too_deeply_or_too_large_is_refused()
    {
        using var rig = new Rig();
        SimResponse Send(string body) => rig.SendRaw("PUT", Nic1, Encoding.UTF8.GetBytes(body));
        Assert.Equal(400, Send(new string('[', 5_000)).Status);
        Assert.Equal(413, Send(new string(' ', (4 * 1024 * 1024) + 1)).Status);
    }

    [Fact]
    public void A_name_used_twice_differs_not_by_case() =>
        Refuse(400, "InvalidRequestFormat", "Cannot parse the request.", n => Add(n, "vnetcni-a", "VNETCNI-A"));

    [Fact]
    public void Another_location_is_a_conflict() =>
        Refuse(409, "InvalidResourceLocation",
            "The resource 'nic-1' already exists in location 'westeurope' in resource group 'rg'. A resource with the same name cannot be created in another location. Please select a new resource name.",
            n => n["location"] = "northeurope");

    [Fact]
    public void What_is_not_simulated_says_so()
    {
        using var rig = new Rig();
        foreach (var (name, value) in ((string, JsonNode)[])[("privateIPAddressVersion", "IPv6"), ("privateIPAddressPrefixLength", 28)])
        {
            var response = rig.Edit(Nic1, n =>
            {
                Add(n, "vnetcni-1");
                Configs(n)[1]!["properties"]![name] = value;
            });
            Assert.Equal((501, ArmErrors.NotSimulated), (response.Status, Code(response)));
        }
    }

    private static void Refuse(int status, string code, string message, Action<JsonObject> edit)
    {
        using var rig = new Rig();
        Refused(rig, status, code, message, edit);
    }
}

using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Invariants;
using Vnetcni.ArmSimulator.Network;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>The checks see a breach: each test breaks one thing behind the rules' back.</summary>
public sealed class InvariantTests
{
    private static string[] Breaches(Rig rig) => [.. rig.Arm.Violations.Select(static v => v.Invariant)];

    private static void Expect(string invariant, Action<JsonObject> edit)
    {
        using var rig = new Rig();
        rig.EditAsForeigner(Nic1, n => Add(n, "vnetcni-1", "other-1"));
        rig.Settle();
        rig.AssertClean();
        Assert.Equal(200, rig.Edit(Nic1, edit).Status);
        Assert.Equal([invariant], Breaches(rig).Distinct());
    }

    [Fact]
    public void A_foreign_configuration_removed() => Expect("ForeignTouched", n => Configs(n).RemoveAt(1));

    [Fact]
    public void A_foreign_configuration_changed() => Expect("ForeignTouched", n => Configs(n)[1]!["properties"]!["privateIPAllocationMethod"] = "Static");

    [Fact]
    public void The_primary_renamed() => Expect("ForeignTouched", n => Configs(n)[0]!["name"] = "vnetcni-9");

    [Fact]
    public void A_known_property_dropped() => Expect("PropertyLost", n => n["properties"]!.AsObject().Remove("dnsSettings"));

    [Fact]
    public void An_unknown_property_dropped() => Expect("PropertyLost", n => n["properties"]!.AsObject().Remove("allowPort25Out"));

    [Fact]
    public void A_property_changed() => Expect("PropertyLost", n => n["properties"]!["enableIPForwarding"] = true);

    [Fact]
    public void A_member_added_to_a_foreign_configuration() =>
        Expect("ForeignTouched", n => Configs(n)[1]!["properties"]!["loadBalancerBackendAddressPools"] = new JsonArray());

    [Fact]
    public void A_public_address_added_to_the_primary() =>
        Expect("ForeignTouched", n => Configs(n)[0]!["properties"]!["publicIPAddress"] = new JsonObject { ["id"] = Group + "/providers/Microsoft.Network/publicIPAddresses/p" });

    [Fact]
    public void A_configuration_added_under_anothers_name() => Expect("ForeignTouched", n => Add(n, "other-2"));

    [Fact]
    public void A_tag_added() => Expect("PropertyAdded", n => n["tags"] = new JsonObject { ["a"] = "b" });

    [Fact]
    public void A_property_added() => Expect("PropertyAdded", n => n["properties"]!["auxiliaryMode"] = "None");

    [Fact]
    public void A_tag_is_not_mistaken_for_what_Azure_changes_itself()
    {
        using var rig = new Rig();
        rig.EditAsForeigner(Nic1, n => n["tags"] = new JsonObject { ["etag"] = "1", ["provisioningState"] = "x" });
        rig.Settle();
        rig.AssertClean();
        rig.Edit(Nic1, n => n["tags"] = new JsonObject { ["etag"] = "2" });
        Assert.Equal(["PropertyLost", "PropertyLost"], Breaches(rig));
    }

    [Fact]
    public void The_interface_deleted_by_the_client()
    {
        using var rig = new Rig();
        var id = Nic1.Replace("nic-1", "loose", StringComparison.Ordinal);
        rig.Put(id, NewNic(Config("a")));
        rig.Settle();
        Assert.Equal(202, rig.Send("DELETE", id).Status);
        rig.Settle();
        Assert.Equal(["ForeignTouched"], Breaches(rig));
    }

    [Fact]
    public void Own_configurations_may_come_go_and_move()
    {
        using var rig = new Rig();
        rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2"));
        rig.Settle();
        rig.Edit(Nic1, n =>
        {
            Configs(n).RemoveAt(2);
            Configs(n)[1]!["properties"]!["privateIPAllocationMethod"] = "Static";
            Configs(n)[1]!["properties"]!["privateIPAddress"] = "10.0.9.9";
            Add(n, "vnetcni-3");
        });
        rig.AssertClean();
    }

    [Fact]
    public void Another_tool_may_change_what_it_likes()
    {
        using var rig = new Rig();
        var nic = rig.Read(Nic1);
        nic["properties"]!.AsObject().Remove("dnsSettings");
        Assert.Equal(200, rig.Send("PUT", Nic1, nic, (SimRequest.WriterHeader, "foreign")).Status);
        rig.AssertClean();
    }

    [Fact]
    public void The_picture_sees_an_address_held_twice()
    {
        var picture = new Picture();
        static List<Picture.Configuration> One(string name, uint address) => [new(name, address, true, "s", null, [])];
        Assert.Empty(picture.Replace("n1", "v", "vm", One("a", 7)));
        Assert.Empty(picture.Replace("n2", "w", "vm", One("a", 7)));
        Assert.Equal([(7u, "n1/a")], picture.Replace("n3", "v", "vm", One("b", 7)));
        Assert.Equal((3, 2, 3), (picture.CountOfVm("vm"), picture.CountOfVnet("v"), picture.CountOfSubnet("s")));
        picture.Remove("n3", "v");
        Assert.Equal([(7u, "n1/a")], picture.Replace("n3", "v", null, One("b", 7)));
    }

    [Fact]
    public void A_replay_that_differs_from_the_state_is_seen()
    {
        var world = new World();
        var subnet = new Subnet(ResourceId.Vnet("s", "g", "v").Child("subnets", "x"), new Ipv4Prefix(0x0A000000, 24));
        var nic = new Nic(ResourceId.Nic("s", "g", "n"), "l") { ResourceGuid = "g", Mac = "m", Subnet = subnet };
        nic.Body = Json.Utf8(JsonNode.Parse("""{"properties":{"ipConfigurations":[{"name":"a","properties":{"privateIPAddress":"10.0.0.4","primary":true,"subnet":{"id":"x"}}}]}}""")!);
        world.Nics.Add(nic.Key, nic);
        subnet.Take(0x0A000004, nic.ConfigurationId("a"));

        var log = new CommitLog();
        Assert.NotEmpty(log.Compare(world));
        log.Add(nic.Key, [], [new IpConfiguration("a", 0x0A000005, true)]);
        Assert.NotEmpty(log.Compare(world));
        log.Add(nic.Key, [new IpConfiguration("a", 0x0A000005, true)], [new IpConfiguration("a", 0x0A000004, true)]);
        Assert.Empty(log.Compare(world));
        subnet.Release(0x0A000004);
        Assert.NotEmpty(log.Compare(world));
    }

    [Fact]
    public async Task Addresses_follow_each_commit_and_wake_who_waits()
    {
        using var rig = new Rig();
        var start = rig.Arm.Addresses;
        Assert.Equal(["10.0.0.4", "10.0.0.5"], start.Addresses.Select(static a => a.Address));
        var waiting = rig.Arm.WaitForAddressesAsync(start.Version, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        var next = await waiting;
        Assert.True(next.Version > start.Version);
        Assert.Equal(new AddressEntry("10.0.0.6", Nic1, start.Addresses[0].Mac, Vm1, "vnetcni-1", false, "Updating"), next.Addresses[1]);
        rig.Settle();
        Assert.Equal("Succeeded", rig.Arm.Addresses.Addresses[1].State);

        var patient = rig.Arm.WaitForAddressesAsync(rig.Arm.Addresses.Version, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(patient.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(rig.Arm.Addresses.Version, (await patient).Version);
    }
}

using Vnetcni.ArmSimulator.Core;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class AssignmentTests
{
    private static Rig With(AddressAssignment how, ulong seed = 1) => new(new SimSettings { Assignment = how }, seed);

    [Fact]
    public void Lowest_free_fills_the_gap_that_a_release_left()
    {
        using var rig = With(AddressAssignment.LowestFree);
        rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2"));
        rig.Settle();
        rig.Edit(Nic1, n => Configs(n).RemoveAt(1));
        rig.Settle();
        Assert.Equal("10.0.0.6", Address(Body(rig.Edit(Nic2, n => Add(n, "vnetcni-1"))), "vnetcni-1"));
        rig.AssertClean();
    }

    [Fact]
    public void Next_fit_goes_on_from_the_last_address()
    {
        using var rig = With(AddressAssignment.NextFit);
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        rig.Settle();
        rig.Edit(Nic1, n => Configs(n).RemoveAt(1));
        rig.Settle();
        Assert.Equal("10.0.0.7", Address(Body(rig.Edit(Nic1, n => Add(n, "vnetcni-2"))), "vnetcni-2"));
        rig.AssertClean();
    }

    [Fact]
    public void Next_fit_wraps_around_a_small_subnet()
    {
        using var rig = new Rig(new SimSettings { Assignment = AddressAssignment.NextFit }, pods: "10.0.0.0/28");
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(200, rig.Edit(Nic1, n => Add(n, $"vnetcni-{i}")).Status);
            rig.Settle();
            Assert.Equal(200, rig.Edit(Nic1, n => Configs(n).RemoveAt(1)).Status);
            rig.Settle();
        }

        rig.AssertClean();
    }

    [Fact]
    public void Random_free_is_drawn_from_the_seed()
    {
        string[] Draw(ulong seed)
        {
            using var rig = With(AddressAssignment.RandomFree, seed);
            var nic = Body(rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2", "vnetcni-3")));
            return [Address(nic, "vnetcni-1"), Address(nic, "vnetcni-2"), Address(nic, "vnetcni-3")];
        }

        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));
    }

    [Theory]
    [InlineData(AddressAssignment.LowestFree)]
    [InlineData(AddressAssignment.RandomFree)]
    [InlineData(AddressAssignment.NextFit)]
    public void An_address_stays_while_its_name_stays(AddressAssignment how)
    {
        using var rig = With(how);
        var first = Body(rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2", "vnetcni-3")));
        rig.Settle();
        var second = Body(rig.Edit(Nic1, n =>
        {
            Configs(n).RemoveAt(1);
            Add(n, "vnetcni-4");
        }));
        Assert.Equal(Address(first, "vnetcni-2"), Address(second, "vnetcni-2"));
        Assert.Equal(Address(first, "vnetcni-3"), Address(second, "vnetcni-3"));
        Assert.DoesNotContain("vnetcni-1", Names(second));
        rig.AssertClean();
    }

    [Fact]
    public void A_Dynamic_newcomer_does_not_get_an_address_that_the_same_PUT_gives_back()
    {
        using var rig = With(AddressAssignment.LowestFree);
        var before = Address(Body(rig.Edit(Nic1, n => Add(n, "vnetcni-1"))), "vnetcni-1");
        rig.Settle();
        var after = Body(rig.Edit(Nic1, n =>
        {
            Configs(n).RemoveAt(1);
            Add(n, "vnetcni-2");
        }));
        Assert.NotEqual(before, Address(after, "vnetcni-2"));
    }

    [Theory]
    [InlineData(AddressAssignment.LowestFree, "10.0.0.6")]
    [InlineData(AddressAssignment.NextFit, "10.0.0.8")]
    public void At_once_a_newcomer_may_get_what_the_same_PUT_gives_back(AddressAssignment how, string expected)
    {
        using var rig = new Rig(new SimSettings { Assignment = how, FreedAddresses = FreedAddresses.AtOnce });
        rig.Edit(Nic1, n => Add(n, "vnetcni-1", "vnetcni-2"));
        rig.Settle();
        var after = Body(rig.Edit(Nic1, n =>
        {
            Configs(n).RemoveAt(1);
            Add(n, "vnetcni-3");
        }));
        Assert.Equal(expected, Address(after, "vnetcni-3"));
        rig.AssertClean();
    }

    [Fact]
    public void A_Static_configuration_gets_the_address_it_names_and_keeps_it_as_Dynamic()
    {
        using var rig = With(AddressAssignment.LowestFree);
        var nic = Body(rig.Edit(Nic1, n => Configs(n).Add((System.Text.Json.Nodes.JsonNode)Config("vnetcni-1", address: "10.0.7.7"))));
        Assert.Equal("10.0.7.7", Address(nic, "vnetcni-1"));
        Assert.Equal("Static", Configs(nic)[1]!["properties"]!["privateIPAllocationMethod"]!.GetValue<string>());
        rig.Settle();
        nic = Body(rig.Edit(Nic1, n => Configs(n)[1]!["properties"]!["privateIPAllocationMethod"] = "Dynamic"));
        Assert.Equal("10.0.7.7", Address(nic, "vnetcni-1"));
        rig.AssertClean();
    }

    [Fact]
    public void Moving_all_configurations_to_another_subnet_gives_new_addresses_and_frees_the_old()
    {
        using var rig = With(AddressAssignment.LowestFree);
        var nic = Body(rig.Edit(Nic1, n => Configs(n)[0]!["properties"]!["subnet"]!["id"] = OtherSubnet));
        Assert.Equal("10.1.0.4", Address(nic, "ipconfig1"));
        rig.Settle();
        Assert.Equal("10.0.0.4", Address(Body(rig.Edit(Nic2, n => Add(n, "vnetcni-1"))), "vnetcni-1"));
        Assert.DoesNotContain(rig.Arm.Violations, v => v.Invariant is not "ForeignTouched");
    }
}

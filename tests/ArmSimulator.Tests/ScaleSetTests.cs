using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using static Vnetcni.ArmSimulator.Tests.ScaleSetRig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class ScaleSetTests
{
    [Fact]
    public void A_model_has_an_etag_and_no_addresses_and_its_interface_has_them()
    {
        using var rig = Make();
        var answer = rig.Get(Vm + ComputeVersion);
        var model = Rig.Body(answer);
        Assert.Equal(("\"1\"", "\"1\"", "set_3", "3"), (answer.Header("ETag"), (string)model["etag"]!, (string)model["name"]!, (string)model["instanceId"]!));
        Assert.Equal(["ipconfig1", "other-tool"], Names(model));
        Assert.DoesNotContain("privateIPAddress\"", Configs(model).ToJsonString());
        Assert.NotNull(model["properties"]!["storageProfile"]!["imageReference"]);
        Assert.Equal($"{Nic}", (string)model["properties"]!["networkProfile"]!["networkInterfaces"]![0]!["id"]!);
        var view = rig.View();
        Assert.StartsWith("10.0.", Rig.Address(view, "ipconfig1"), StringComparison.Ordinal);
        Assert.Equal(Vm, (string)view["properties"]!["virtualMachine"]!["id"]!);
        Assert.Equal(7, (int)view["properties"]!["novel"]!);
        rig.AssertClean();
    }

    [Fact]
    public void A_VM_whose_interface_could_not_be_made_has_a_model_without_one()
    {
        using var rig = Make(pods: "10.0.0.0/28");
        rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Vms = [new ScenarioVm("set/5")] });
        var full = rig.Change([.. Enumerable.Range(0, 6).Select(static i => $"vnetcni-{i}")]);
        Assert.Equal(200, full.Status);
        rig.Settle();
        Assert.Throws<ScenarioException>(() => rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Nics = [new ScenarioNic("eth0", "vnet/pods") { Vm = "set/5" }] }));
        var bare = $"{Set}/virtualMachines/5";
        Assert.Empty(rig.Model(bare)["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"]!.AsArray());
        rig.Arm.ResetModel(bare);
        Assert.Equal(3, Rig.Body(rig.Get($"{Set}/virtualMachines"))["value"]!.AsArray().Count);
        rig.Change([], remove: ["vnetcni-5"]);
        rig.Settle();
        rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Nics = [new ScenarioNic("eth0", "vnet/pods") { Vm = "set/5" }] });
        Assert.Equal(["ipconfig1"], Names(rig.Model(bare)));
        rig.AssertClean();
    }

    [Fact]
    public void Lists_show_scale_sets_apart_from_ordinary_machines()
    {
        using var rig = Make();
        string[] Ids(string path) => [.. Rig.Body(rig.Get(path))["value"]!.AsArray().Select(static v => (string)v!["id"]!)];
        Assert.Equal([Set], Ids($"{Rig.Group}/providers/Microsoft.Compute/virtualMachineScaleSets"));
        Assert.Equal([$"{Set}/virtualMachines/3", $"{Set}/virtualMachines/4"], Ids($"{Set}/virtualMachines"));
        Assert.Equal([Nic, $"{Set}/virtualMachines/4/networkInterfaces/eth0"], Ids($"{Set}/networkInterfaces"));
        Assert.Equal([Nic], Ids($"{Vm}/networkInterfaces"));
        Assert.Equal([Rig.Vm1, $"{Rig.Vm1[..^1]}2"], Ids($"{Rig.Group}/providers/Microsoft.Compute/virtualMachines"));
        Assert.Equal([Rig.Nic1, Rig.Nic2], Ids($"{Rig.Group}/providers/Microsoft.Network/networkInterfaces"));
        Assert.Equal("PowerState/running", (string)Rig.Body(rig.Get($"{Vm}{ComputeVersion}&$expand=instanceView"))["properties"]!["instanceView"]!["statuses"]![1]!["code"]!);
    }

    [Theory]
    [InlineData(ModelFollowing.AtOnce)]
    [InlineData(ModelFollowing.AtEnd)]
    [InlineData(ModelFollowing.Later)]
    public void A_PUT_changes_the_model_at_once_and_its_interface_when_that_follows(ModelFollowing following)
    {
        using var rig = Make(new SimSettings { ModelFollowing = following });
        var answer = rig.Change(["vnetcni-a"]);
        Assert.Equal(200, answer.Status);
        var operation = answer.Header("Azure-AsyncOperation")!;
        Assert.Contains("/providers/Microsoft.Compute/locations/westeurope/operations/", operation);
        Assert.Equal(("\"2\"", "Updating"), ((string)rig.Model()["etag"]!, (string)rig.Model()["properties"]!["provisioningState"]!));
        Assert.Equal("Updating", (string)rig.View()["properties"]!["provisioningState"]!);
        Assert.Equal(following == ModelFollowing.AtOnce, Rig.Names(rig.View()).Contains("vnetcni-a"));
        Assert.Equal("InProgress", (string)Rig.Body(rig.Get(operation))["status"]!);
        rig.Settle();
        Assert.Equal("Succeeded", (string)Rig.Body(rig.Get(operation))["status"]!);
        rig.Settle();
        Assert.Equal(["ipconfig1", "other-tool", "vnetcni-a"], Rig.Names(rig.View()));
        Assert.Equal("Succeeded", (string)rig.Model()["properties"]!["provisioningState"]!);
        Assert.NotNull(rig.Model()["properties"]!["storageProfile"]!["imageReference"]);
        Assert.Equal("VirtualMachine", (string)rig.Model()["properties"]!["modelDefinitionApplied"]!);
        var kept = rig.Address("vnetcni-a");

        Assert.Equal(200, rig.Change(["vnetcni-b"]).Status);
        rig.Settle();
        rig.Settle();
        Assert.Equal(kept, rig.Address("vnetcni-a"));
        rig.AssertClean();
    }

    [Fact]
    public void A_write_is_refused_with_an_old_etag_an_image_another_method_or_other_interfaces()
    {
        using var rig = Make();
        var stale = rig.Change(["vnetcni-a"], ifMatch: "\"9\"");
        Assert.Equal((412, "PreconditionFailed"), (stale.Status, Rig.Code(stale)));
        Assert.Contains("\"9\" does not match etag \"1\"", Rig.Message(stale));

        var model = rig.Model();
        Assert.Equal("PropertyChangeNotAllowed", Rig.Code(rig.Put(Vm + ComputeVersion, model)));
        Assert.Equal(405, rig.Send("PATCH", Vm + ComputeVersion, model).Status);
        Assert.Equal("InvalidParameter", Rig.Code(rig.Get($"{Set}/virtualMachines/three{ComputeVersion}")));
        Assert.Equal(404, rig.Get($"{Set}/virtualMachines/77{ComputeVersion}").Status);
        model["properties"]!["storageProfile"]!.AsObject().Remove("imageReference");
        model["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"]![0]!["name"] = "eth1";
        Assert.Equal("InvalidParameter", Rig.Code(rig.Put(Vm + ComputeVersion, model)));
        Assert.Equal("\"1\"", (string)rig.Model()["etag"]!);
    }

    [Fact]
    public void Azures_rules_for_addresses_hold_for_models_too()
    {
        using var rig = Make(new SimSettings { MaxAddressesPerNic = 3 }, pods: "10.0.0.0/28");
        Assert.Equal("NetworkInterfaceIpConfigurationCountLimitExceeded", Rig.Code(rig.Change(["vnetcni-a", "vnetcni-b"])));
        using var full = Make(pods: "10.0.0.0/28");
        Assert.Equal("SubnetIsFull", Rig.Code(full.Change([.. Enumerable.Range(0, 7).Select(i => $"vnetcni-{i}")])));
        full.AssertClean();
    }

    [Theory]
    [InlineData(ConcurrentPutMode.Reject429, 429, "RetryableError")]
    [InlineData(ConcurrentPutMode.Conflict409, 409, "AnotherOperationInProgress")]
    [InlineData(ConcurrentPutMode.Supersede, 200, null)]
    public void A_second_PUT_meets_what_the_mode_says(ConcurrentPutMode mode, int status, string? code)
    {
        using var rig = Make(new SimSettings { ConcurrentPut = mode });
        var first = rig.Change(["vnetcni-a"]);
        var second = rig.Change(["vnetcni-b"]);
        Assert.Equal(status, second.Status);
        if (code is not null)
            Assert.Equal(code, Rig.Code(second));
        else
            Assert.Equal("Canceled", (string)Rig.Body(rig.Get(first.Header("Azure-AsyncOperation")!))["status"]!);
        rig.Settle();
        Assert.Equal(code is null, Rig.Names(rig.View()).Contains("vnetcni-b"));
        Assert.Contains("vnetcni-a", Rig.Names(rig.View()));
        rig.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_without_effect_is_called_a_success(bool withoutEffect)
    {
        using var rig = Make();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.NoEffect, Count = 1, WithoutEffect = withoutEffect });
        var operation = rig.Change(["vnetcni-a"]).Header("Azure-AsyncOperation")!;
        rig.Settle();
        Assert.Equal("Succeeded", (string)Rig.Body(rig.Get(operation))["status"]!);
        Assert.Equal(!withoutEffect, Names(rig.Model()).Contains("vnetcni-a"));
        Assert.DoesNotContain("vnetcni-a", Rig.Names(rig.View()));
        rig.Change(withoutEffect ? ["vnetcni-a"] : []);
        rig.Settle();
        Assert.Contains("vnetcni-a", Rig.Names(rig.View()));
        rig.AssertClean();
    }

    [Fact]
    public void A_reset_model_loses_what_the_scale_set_does_not_say()
    {
        using var rig = Make();
        rig.Change(["vnetcni-a"]);
        rig.Settle();
        var etag = (string)rig.Model()["etag"]!;
        rig.Arm.ResetModel(Vm);
        Assert.Equal(["ipconfig1", "other-tool"], Names(rig.Model()));
        Assert.Equal(["ipconfig1", "other-tool"], Rig.Names(rig.View()));
        Assert.NotEqual(etag, (string)rig.Model()["etag"]!);

        rig.Arm.AddFault(new Fault { Kind = FaultKind.ModelReset, Method = "PUT", Count = 1 });
        Assert.Equal(412, rig.Change(["vnetcni-b"]).Status);
        Assert.Throws<KeyNotFoundException>(() => rig.Arm.ResetModel(Rig.Vm1));
        rig.AssertClean();
    }

    [Fact]
    public void A_failed_operation_leaves_the_model_or_more_behind()
    {
        using var rig = Make();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Count = 1, WithoutEffect = true });
        rig.Change(["vnetcni-a"]);
        rig.Settle();
        Assert.DoesNotContain("vnetcni-a", Names(rig.Model()));
        Assert.Equal(("Failed", "Failed"), ((string)rig.Model()["properties"]!["provisioningState"]!, (string)rig.View()["properties"]!["provisioningState"]!));
        rig.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Count = 1 });
        rig.Change(["vnetcni-b"]);
        rig.Settle();
        Assert.Contains("vnetcni-b", Names(rig.Model()));
        rig.AssertClean();
    }

    [Fact]
    public void Whoever_changes_what_is_anothers_is_seen()
    {
        using var rig = Make();
        rig.Change([], remove: ["other-tool"]);
        var breach = Assert.Single(rig.Arm.Violations);
        Assert.Equal(("ForeignTouched", Vm), (breach.Invariant, breach.Resource));

        using var other = Make();
        var model = other.Model();
        model["properties"]!["storageProfile"]!.AsObject().Remove("imageReference");
        model["properties"]!["osProfile"]!.AsObject().Remove("adminUsername");
        other.Put(Vm + ComputeVersion, model);
        Assert.Contains("/properties/osProfile/adminUsername", Assert.Single(other.Arm.Violations).Message);
    }

    [Fact]
    public void A_foreign_writer_moves_the_etag_of_the_model()
    {
        using var rig = Make();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.ForeignWrite, Count = 1 });
        Assert.Equal(412, rig.Change(["vnetcni-a"]).Status);
        Assert.Equal(["ipconfig1", "other-tool", "foreign-1"], Names(rig.Model()));
        Assert.Contains("foreign-1", Rig.Names(rig.View()));
        rig.Arm.WriteAsForeigner(Nic);
        Assert.Contains("foreign-2", Names(rig.Model()));
        rig.AssertClean();
    }

    [Fact]
    public void Updates_of_one_machine_are_throttled()
    {
        using var rig = Make(new SimSettings { Latency = new LatencySettings { Scale = 0 } });
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(200, rig.Change([$"vnetcni-{i}"]).Status);
            rig.Time.Advance(TimeSpan.FromMilliseconds(2));
        }

        var refused = rig.Change(["vnetcni-x"]);
        Assert.Equal((429, "TooManyRequests"), (refused.Status, Rig.Code(refused)));
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Equal(200, rig.Change(["vnetcni-x"], vm: $"{Set}/virtualMachines/4").Status);
        rig.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(200, rig.Change(["vnetcni-x"]).Status);
        rig.AssertClean();
    }

    [Fact]
    public void Updates_of_all_machines_together_are_throttled()
    {
        using var rig = Make(new SimSettings { Throttle = new ThrottleSettings { VmUpdatesPerMinute = 1 } });
        Assert.Equal(200, rig.Change(["vnetcni-a"]).Status);
        var refused = rig.Change(["vnetcni-a"], vm: $"{Set}/virtualMachines/4");
        Assert.Equal((429, "TooManyRequests"), (refused.Status, Rig.Code(refused)));
    }

    [Fact]
    public void A_removed_machine_frees_its_addresses_and_its_successor_begins_anew()
    {
        using var rig = Make();
        rig.Change(["vnetcni-a"]);
        Assert.True(rig.Arm.RemoveVm(Vm));
        rig.Settle();
        Assert.Equal(404, rig.Get(Vm + ComputeVersion).Status);
        Assert.DoesNotContain(rig.Arm.Addresses.Addresses, a => a.Nic == Nic);
        rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Vms = [new ScenarioVm("set/3")], Nics = [new ScenarioNic("eth0", "vnet/pods") { Vm = "set/3" }] });
        Assert.Equal("\"1\"", (string)rig.Model()["etag"]!);
        rig.AssertClean();
    }

    [Theory]
    [InlineData("set/x")]
    [InlineData("none/1")]
    public void A_scenario_with_an_impossible_instance_is_refused(string name)
    {
        using var rig = Make();
        Assert.Throws<ScenarioException>(() => rig.Arm.Seed(new Scenario { ResourceGroup = "rg", Vms = [new ScenarioVm(name)] }));
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class NicPutTests
{
    [Fact]
    public void A_GET_carries_the_etag_of_the_body_and_of_every_configuration_in_its_header()
    {
        using var rig = new Rig();
        var response = rig.Get(Nic1);
        var nic = Body(response);
        Assert.Equal(nic["etag"]!.GetValue<string>(), response.Header("ETag"));
        Assert.Matches("^W/\"[0-9a-f-]{36}\"$", response.Header("ETag"));
        Assert.All(Configs(nic), c => Assert.Equal(response.Header("ETag"), c!["etag"]!.GetValue<string>()));
        Assert.Equal("Succeeded", nic["properties"]!["provisioningState"]!.GetValue<string>());
        Assert.Equal($"{Vm1}", nic["properties"]!["virtualMachine"]!["id"]!.GetValue<string>());
        Assert.Equal("10.0.0.4", nic["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAddress"]!.GetValue<string>());
        Assert.False(nic["properties"]!["allowPort25Out"]!.GetValue<bool>());
    }

    [Fact]
    public void A_PUT_answers_200_Updating_with_an_operation_that_a_timer_ends()
    {
        using var rig = new Rig();
        var before = rig.Get(Nic1).Header("ETag");
        var response = rig.Edit(Nic1, n => Add(n, "vnetcni-1"));

        Assert.Equal(200, response.Status);
        Assert.Null(response.Header("ETag"));
        var nic = Body(response);
        Assert.NotEqual(before, nic["etag"]!.GetValue<string>());
        Assert.Equal("Updating", nic["properties"]!["provisioningState"]!.GetValue<string>());
        Assert.All(Configs(nic), c =>
        {
            Assert.Equal("Updating", c!["properties"]!["provisioningState"]!.GetValue<string>());
            Assert.Equal(nic["etag"]!.GetValue<string>(), c["etag"]!.GetValue<string>());
        });

        var operation = response.Header("Azure-AsyncOperation")!;
        Assert.StartsWith($"https://management.azure.com/subscriptions/{Sub}/providers/Microsoft.Network/locations/westeurope/operations/", operation);
        Assert.Equal("""{"status":"InProgress"}""", Encoding.UTF8.GetString(rig.Get(operation).Body.Span));
        rig.Settle();
        Assert.Equal("""{"status":"Succeeded"}""", Encoding.UTF8.GetString(rig.Get(operation).Body.Span));
        var after = rig.Read(Nic1);
        Assert.Equal("Succeeded", after["properties"]!["provisioningState"]!.GetValue<string>());
        Assert.NotEqual(nic["etag"]!.GetValue<string>(), after["etag"]!.GetValue<string>());
        Assert.Equal("10.0.0.6", Address(after, "vnetcni-1"));
        rig.AssertClean();
    }

    [Fact]
    public void A_new_NIC_answers_201_and_is_the_primary_of_nothing()
    {
        using var rig = new Rig();
        var id = $"{Group}/providers/Microsoft.Network/networkInterfaces/fresh";
        var response = rig.Put(id, NewNic(Config("a")));
        Assert.Equal(201, response.Status);
        var nic = Body(response);
        Assert.Equal(id, nic["id"]!.GetValue<string>());
        Assert.True(Configs(nic)[0]!["properties"]!["primary"]!.GetValue<bool>());
        Assert.False(nic["properties"]!["primary"]!.GetValue<bool>());
        Assert.Matches("^00-0D-3A(-[0-9A-F]{2}){3}$", nic["properties"]!["macAddress"]!.GetValue<string>());
        Assert.NotNull(response.Header("Azure-AsyncOperation"));
    }

    [Fact]
    public void The_primary_is_listed_first_and_the_rest_not_in_the_order_of_the_request()
    {
        using var rig = new Rig();
        var response = rig.Edit(Nic1, n =>
        {
            Add(n, "vnetcni-b", "vnetcni-a");
            var primary = Configs(n)[0]!.DeepClone();
            Configs(n).RemoveAt(0);
            Configs(n).Add(primary);
        });
        Assert.Equal(["ipconfig1", "vnetcni-a", "vnetcni-b"], Names(Body(response)));
    }

    [Fact]
    public void A_stale_If_Match_is_refused_with_both_etags_and_changes_nothing()
    {
        using var rig = new Rig();
        var stale = rig.Get(Nic1).Header("ETag")!;
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        rig.Settle();
        var before = rig.Get(Nic1);
        var response = rig.Put(Nic1, Body(before), stale);

        Assert.Equal(412, response.Status);
        Assert.Equal("PreconditionFailed", Code(response));
        Assert.Equal("Precondition failed.", Message(response));
        Assert.Equal("PreconditionFailedEtagMismatch", Detail(response)["code"]!.GetValue<string>());
        Assert.Equal(
            $"Etag provided in if-match header {stale} does not match etag {before.Header("ETag")} of resource {Nic1} in NRP data store.",
            Detail(response)["message"]!.GetValue<string>());
        Assert.True(before.Body.Span.SequenceEqual(rig.Get(Nic1).Body.Span));
    }

    [Fact]
    public void Properties_that_only_Azure_writes_are_ignored_in_a_PUT()
    {
        using var rig = new Rig();
        var before = rig.Read(Nic1);
        var response = rig.Edit(Nic1, n =>
        {
            n["name"] = "renamed";
            n["properties"]!["macAddress"] = "00-00-00-00-00-00";
            n["properties"]!["resourceGuid"] = "x";
            n["properties"]!["primary"] = false;
            n["properties"]!.AsObject().Remove("virtualMachine");
        });
        Assert.Equal(200, response.Status);
        var after = Body(response);
        foreach (var name in (string[])["macAddress", "resourceGuid", "primary", "virtualMachine"])
            Assert.True(JsonNode.DeepEquals(before["properties"]![name], after["properties"]![name]), name);
        Assert.Equal("nic-1", after["name"]!.GetValue<string>());
        rig.AssertClean();
    }

    [Fact]
    public void A_client_cannot_invent_a_property_that_only_Azure_writes()
    {
        using var rig = new Rig();
        var fresh = NewNic(Config("a"));
        fresh["properties"]!["virtualMachine"] = new JsonObject { ["id"] = Vm1 };
        fresh["properties"]!["vnetEncryptionSupported"] = true;
        var nic = Body(rig.Put($"{Group}/providers/Microsoft.Network/networkInterfaces/fresh", fresh));
        Assert.Null(nic["properties"]!["virtualMachine"]);
        Assert.Null(nic["properties"]!["vnetEncryptionSupported"]);
    }

    [Fact]
    public void Unknown_properties_survive_at_every_level()
    {
        using var rig = new Rig();
        const string Odd = """{"a":[1,2.50,1e3,null,{"b":"\u00fc\u20ac"}],"etag":"x"}""";
        rig.EditAsForeigner(Nic1, n =>
        {
            n["zzTop"] = JsonNode.Parse(Odd);
            n["properties"]!["zzProperty"] = JsonNode.Parse(Odd);
            Configs(n)[0]!["zzConfig"] = JsonNode.Parse(Odd);
            Configs(n)[0]!["properties"]!["zzInner"] = JsonNode.Parse(Odd);
        });
        rig.Settle();
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        rig.Settle();
        var nic = rig.Read(Nic1);
        foreach (var node in (JsonNode?[])[nic["zzTop"], nic["properties"]!["zzProperty"], Configs(nic)[0]!["zzConfig"], Configs(nic)[0]!["properties"]!["zzInner"]])
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Odd), node), node?.ToJsonString());
        rig.AssertClean();
    }

    [Fact]
    public void Ids_are_compared_without_case_and_shown_as_created()
    {
        using var rig = new Rig();
        Assert.Equal(Nic1, rig.Read(Nic1.ToUpperInvariant())["id"]!.GetValue<string>());
        var response = rig.Edit(Nic1, n =>
        {
            Add(n, "vnetcni-1");
            Configs(n)[1]!["properties"]!["subnet"]!["id"] = Subnet.ToUpperInvariant();
        });
        Assert.Equal(200, response.Status);
        Assert.Equal(Subnet, Configs(Body(response))[1]!["properties"]!["subnet"]!["id"]!.GetValue<string>());
    }

    [Fact]
    public void A_second_PUT_meanwhile_is_rejected_as_retryable()
    {
        using var rig = new Rig();
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        var response = rig.Edit(Nic1, n => Add(n, "vnetcni-2"));
        Assert.Equal(429, response.Status);
        Assert.Equal("RetryableError", Code(response));
        Assert.Equal("RetryableErrorDueToAnotherOperation", Detail(response)["code"]!.GetValue<string>());
        Assert.Equal("10", response.Header("Retry-After"));
        rig.Settle();
        Assert.Equal(200, rig.Edit(Nic1, n => Add(n, "vnetcni-2")).Status);
    }

    [Fact]
    public void A_second_PUT_meanwhile_conflicts_and_names_the_operation()
    {
        using var rig = new Rig(new SimSettings { ConcurrentPut = ConcurrentPutMode.Conflict409 });
        var operation = rig.Edit(Nic1, n => Add(n, "vnetcni-1")).Header("Azure-AsyncOperation");
        var response = rig.Edit(Nic1, n => Add(n, "vnetcni-2"));
        Assert.Equal(409, response.Status);
        Assert.Equal("AnotherOperationInProgress", Code(response));
        Assert.EndsWith($"use uri: {operation}.", Message(response));
    }

    [Fact]
    public void A_second_PUT_meanwhile_supersedes_the_first_operation()
    {
        using var rig = new Rig(new SimSettings { ConcurrentPut = ConcurrentPutMode.Supersede });
        var first = rig.Edit(Nic1, n => Add(n, "vnetcni-1")).Header("Azure-AsyncOperation")!;
        var second = rig.Edit(Nic1, n => Add(n, "vnetcni-2"));
        Assert.Equal(200, second.Status);
        var poll = rig.Get(first);
        Assert.Equal(200, poll.Status);
        Assert.Equal("Canceled", Body(poll)["status"]!.GetValue<string>());
        Assert.Equal("CanceledAndSupersededDueToAnotherOperation", Detail(poll)["code"]!.GetValue<string>());
        rig.Settle();
        Assert.Equal("Succeeded", Body(rig.Get(second.Header("Azure-AsyncOperation")!))["status"]!.GetValue<string>());
        Assert.Equal(["ipconfig1", "vnetcni-1", "vnetcni-2"], Names(rig.Read(Nic1)));
        rig.AssertClean();
    }

    [Fact]
    public void DELETE_of_a_NIC_in_use_is_refused_and_of_a_free_one_runs_as_an_operation()
    {
        using var rig = new Rig();
        var refused = rig.Send("DELETE", Nic1);
        Assert.Equal(400, refused.Status);
        Assert.Equal("NicInUse", Code(refused));
        Assert.Equal($"Network Interface {Nic1} is used by existing VM {Vm1}.", Message(refused));

        var id = $"{Group}/providers/Microsoft.Network/networkInterfaces/fresh";
        rig.Put(id, NewNic(Config("a")));
        rig.Settle();
        var response = rig.Send("DELETE", id, null, (SimRequest.WriterHeader, "foreign"));
        Assert.Equal(202, response.Status);
        Assert.Equal(0, response.Body.Length);
        Assert.Equal(202, rig.Get(response.Header("Location")!).Status);
        Assert.Equal("Deleting", rig.Read(id)["properties"]!["provisioningState"]!.GetValue<string>());
        rig.Settle();
        Assert.Equal(204, rig.Get(response.Header("Location")!).Status);
        Assert.Equal(404, rig.Get(id).Status);
        Assert.Equal(204, rig.Send("DELETE", id).Status);
        rig.AssertClean();
    }
}

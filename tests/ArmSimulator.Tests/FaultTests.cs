using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class FaultTests
{
    private static Task<SimResponse> Ask(Rig rig, string method, string path, string body = "") => rig.Arm.HandleAsync(
        new SimRequest(method, path + NetworkVersion) { Body = System.Text.Encoding.UTF8.GetBytes(body) }, TestContext.Current.CancellationToken);

    [Fact]
    public void An_error_fires_as_often_as_told_after_what_it_skips()
    {
        using var rig = new Rig();
        var id = rig.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "GET", Route = "networkInterfaces/{name}", Status = 503, Code = "ServiceUnavailable", RetryAfter = 7, Skip = 1, Count = 2 });
        Assert.Equal([200, 503, 503, 200], Enumerable.Range(0, 4).Select(_ => rig.Get(Nic1).Status));
        Assert.Equal(2, Assert.Single(rig.Arm.Faults).Fired);
        Assert.Equal(200, rig.Get(Vnet).Status);
        Assert.True(rig.Arm.RemoveFault(id));
        Assert.False(rig.Arm.RemoveFault(id));
    }

    [Fact]
    public void An_error_carries_code_detail_and_Retry_After_unless_that_is_to_be_missing()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.Error, Path = "*/NIC-1", Status = 429, Code = "RetryableError", DetailCode = "RetryableErrorDueToAnotherOperation", RetryAfter = 7 });
        var response = rig.Get(Nic1);
        Assert.Equal((429, "RetryableError", "7"), (response.Status, Code(response), response.Header("Retry-After")));
        Assert.Equal("RetryableErrorDueToAnotherOperation", Detail(response)["code"]!.GetValue<string>());
        Assert.Equal(200, rig.Get(Nic2).Status);
        rig.Arm.AddFault(new Fault { Kind = FaultKind.NoRetryAfter });
        Assert.Null(rig.Get(Nic1).Header("Retry-After"));
    }

    [Theory]
    [InlineData(FaultKind.Error, false)]
    [InlineData(FaultKind.ErrorAfterCommit, true)]
    public void An_error_comes_before_or_after_the_commit(FaultKind kind, bool committed)
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = kind, Method = "PUT", Status = 504, Code = "GatewayTimeout" });
        Assert.Equal(504, rig.Edit(Nic1, n => Add(n, "vnetcni-1")).Status);
        Assert.Equal(committed, Names(rig.Read(Nic1)).Contains("vnetcni-1"));
        rig.AssertClean();
    }

    [Theory]
    [InlineData(FaultKind.DropBeforeCommit, false)]
    [InlineData(FaultKind.DropAfterCommit, true)]
    public async Task A_dropped_connection_tells_nothing_of_the_commit(FaultKind kind, bool committed)
    {
        using var rig = new Rig();
        var nic = rig.Read(Nic1);
        Add(nic, "vnetcni-1");
        rig.Arm.AddFault(new Fault { Kind = kind, Method = "PUT" });
        await Assert.ThrowsAsync<SimConnectionDroppedException>(() => Ask(rig, "PUT", Nic1, nic.ToJsonString()));
        Assert.Equal(committed, Names(rig.Read(Nic1)).Contains("vnetcni-1"));
        Assert.Equal(0, rig.Arm.Journal[^2].Status);
        Assert.Equal(kind.ToString(), rig.Arm.Journal[^2].Fault);
    }

    [Fact]
    public void A_stale_GET_shows_the_state_before_the_last_PUT_and_its_etag()
    {
        using var rig = new Rig();
        var old = rig.Get(Nic1).Header("ETag");
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        rig.Settle();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.StaleRead, Count = 2 });
        var stale = rig.Get(Nic1);
        Assert.Equal(old, stale.Header("ETag"));
        Assert.Equal(["ipconfig1"], Names(Body(stale)));
        var list = Body(rig.Get($"{Group}/providers/Microsoft.Network/networkInterfaces"));
        Assert.Equal(["ipconfig1"], Names(list["value"]![0]!));
        Assert.Equal(["ipconfig1", "vnetcni-1"], Names(rig.Read(Nic1)));
    }

    [Fact]
    public void A_foreign_writer_between_GET_and_PUT_makes_the_etag_stale()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.ForeignWrite, Count = 1 });
        Assert.Equal(412, rig.Edit(Nic1, n => Add(n, "vnetcni-1")).Status);
        Assert.Equal(200, rig.Edit(Nic1, n => Add(n, "vnetcni-1")).Status);
        Assert.Equal(["ipconfig1", "foreign-1", "vnetcni-1"], Names(rig.Read(Nic1)));
        rig.AssertClean();

        rig.Settle();
        rig.Arm.ClearFaults();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.ForeignWrite, Method = "GET", Count = 1 });
        Assert.DoesNotContain("foreign-2", Names(rig.Read(Nic1)));
        Assert.Contains("foreign-2", Names(rig.Read(Nic1)));
    }

    [Fact]
    public void Without_If_Match_a_foreign_configuration_is_lost_and_that_is_a_breach()
    {
        using var rig = new Rig();
        var nic = rig.Read(Nic1);
        rig.Arm.WriteAsForeigner(Nic1);
        Add(nic, "vnetcni-1");
        Assert.Equal(200, rig.Put(Nic1, nic).Status);
        var violation = Assert.Single(rig.Arm.Violations);
        Assert.Equal(("ForeignTouched", Nic1), (violation.Invariant, violation.Resource));
        Assert.Contains("foreign-1", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_in_another_case_are_the_same_resources()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.ChangeIdCase });
        var nic = rig.Read(Nic1);
        Assert.Equal(Nic1.ToUpperInvariant(), nic["id"]!.GetValue<string>());
        Add(nic, "vnetcni-1");
        Assert.Equal(200, rig.Put(Nic1, nic).Status);
        rig.Settle();
        rig.Arm.ClearFaults();
        Assert.Equal(Nic1, rig.Read(Nic1)["id"]!.GetValue<string>());
        rig.AssertClean();
    }

    [Theory]
    [InlineData(FaultKind.FailOperation, "Failed", false)]
    [InlineData(FaultKind.FailOperation, "Failed", true)]
    [InlineData(FaultKind.CancelOperation, "Canceled", false)]
    [InlineData(FaultKind.CancelOperation, "Canceled", true)]
    public void An_accepted_operation_ends_badly_with_or_without_its_effect(FaultKind kind, string status, bool withoutEffect)
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = kind, Code = "InternalServerError", WithoutEffect = withoutEffect, Count = 1 });
        var response = rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        Assert.Equal(200, response.Status);
        var operation = response.Header("Azure-AsyncOperation")!;
        Assert.Equal("InProgress", Body(rig.Get(operation))["status"]!.GetValue<string>());
        rig.Settle();
        var poll = rig.Get(operation);
        Assert.Equal((200, status), (poll.Status, Body(poll)["status"]!.GetValue<string>()));
        Assert.Equal(status == "Failed" ? "InternalServerError" : "Canceled", Code(poll));
        var nic = rig.Read(Nic1);
        Assert.Equal("Failed", nic["properties"]!["provisioningState"]!.GetValue<string>());
        Assert.Equal(!withoutEffect, Names(nic).Contains("vnetcni-1"));
        Assert.Equal(200, rig.Edit(Nic1, n => Add(n, "vnetcni-2")).Status);
        rig.AssertClean();
    }

    [Fact]
    public async Task A_delay_holds_the_answer_back()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.Delay, DelaySeconds = 10, Count = 1 });
        var task = Ask(rig, "GET", Nic1);
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(task.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await task).Status);
    }

    [Fact]
    public void A_schedule_and_a_probability_limit_when_it_fires()
    {
        using var rig = new Rig(new SimSettings { Throttle = new ThrottleSettings { Enabled = false } });
        rig.Arm.AddFault(new Fault { Kind = FaultKind.Error, FromSeconds = 10, UntilSeconds = 20 });
        Assert.Equal(200, rig.Get(Nic1).Status);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(500, rig.Get(Nic1).Status);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(200, rig.Get(Nic1).Status);

        rig.Arm.AddFault(new Fault { Kind = FaultKind.Error, Probability = 0.25 });
        Assert.InRange(Enumerable.Range(0, 1000).Count(_ => rig.Get(Nic1).Status == 500), 200, 300);
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        using var rig = new Rig();
        foreach (var fault in (Fault[])[new Fault { Probability = 1.1 }, new Fault { Status = 200 }, new Fault { Count = -1 }, new Fault { DelaySeconds = double.NaN }])
            Assert.Throws<ArgumentException>(() => rig.Arm.AddFault(fault));
    }
}

using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.Scheduling;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Azure.Scheduling;

public class ScheduledArmTests
{
    private const string Nic = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n";

    [Fact]
    public void The_most_urgent_goes_first_and_all_go_by_the_refill() => Simulator.Run(1, async sim =>
    {
        var sent = new List<(string Name, double At)>();
        var arm = Make(sim, request => sent.Add((request.PathAndQuery[(Nic.Length + 1)..], sim.Time.Elapsed.TotalSeconds)), new ArmResponse(200, default));
        var calls = new List<Task> { arm.SendAsync(Put("first", ArmPriority.Normal), CancellationToken.None) };
        foreach (var (name, priority) in new[] { ("release", ArmPriority.Release), ("growth", ArmPriority.Normal), ("starved", ArmPriority.Starved) })
            calls.Add(arm.SendAsync(Put(name, priority), CancellationToken.None));
        foreach (var call in calls)
            await call;
        Assert.Equal(["first", "starved", "growth", "release"], sent.Select(static s => s.Name));
        Assert.InRange(sent[^1].At, 2.99, 3.1);
    });

    [Fact]
    public void A_call_that_is_given_up_makes_room_for_the_next() => Simulator.Run(2, async sim =>
    {
        var sent = 0;
        var arm = Make(sim, _ => sent++, new ArmResponse(200, default));
        await arm.SendAsync(Put("a", ArmPriority.Normal), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var given = arm.SendAsync(Put("b", ArmPriority.Starved), stop.Token);
        var next = arm.SendAsync(Put("c", ArmPriority.Normal), CancellationToken.None);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await next;
        Assert.Equal(2, sent);
    });

    [Fact]
    public void A_call_that_would_wait_for_long_is_held_back_and_says_for_how_long() => Simulator.Run(3, async sim =>
    {
        var sent = 0;
        var throttled = """{"error":{"code":"SubscriptionRequestsThrottled","message":"Number of 'write' requests exceeded."}}"""u8.ToArray();
        var arm = Make(sim, _ => sent++, new ArmResponse(429, throttled) { RetryAfter = TimeSpan.FromSeconds(40) });
        using var first = await arm.SendAsync(Put("a", ArmPriority.Normal), CancellationToken.None);
        using var held = await arm.SendAsync(Put("b", ArmPriority.Starved), CancellationToken.None);
        var error = ArmErrors.Of(held);
        Assert.Equal((1, ArmCause.Busy, ArmAction.Wait), (sent, error.Cause, error.Action));
        Assert.Equal(TimeSpan.FromSeconds(40), error.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(40), arm.TurnToWrite(ResourceId.Parse(Nic.ToUpperInvariant()), starves: true, isBack: false));
        await sim.Delay(TimeSpan.FromSeconds(40));
        using var later = await arm.SendAsync(Put("b", ArmPriority.Starved), CancellationToken.None);
        Assert.Equal(2, sent);
    });

    [Fact]
    public void A_call_that_others_pass_for_long_gives_its_worker_back() => Simulator.Run(5, async sim =>
    {
        var names = new List<string>();
        var arm = Make(sim, request => names.Add(request.PathAndQuery[(Nic.Length + 1)..]), new ArmResponse(200, default));
        using var first = await arm.SendAsync(Put("first", ArmPriority.Normal), CancellationToken.None);
        var last = arm.SendAsync(Put("release", ArmPriority.Release), CancellationToken.None);
        var urgent = Enumerable.Range(0, 40).Select(i => arm.SendAsync(Put($"starved{i}", ArmPriority.Starved), CancellationToken.None)).ToArray();
        using var held = await last;
        Assert.Equal(ScheduledArm.HeldBack, ArmErrors.Of(held).Code);
        Assert.Equal(TimeSpan.FromSeconds(5), held.RetryAfter);
        Assert.InRange(sim.Time.Elapsed.TotalSeconds, 19.9, 21.1);
        Assert.DoesNotContain("release", names);
        foreach (var call in urgent)
            (await call).Dispose();
    });

    [Fact]
    public void Silence_in_a_row_stops_the_calls_and_one_answer_lets_them_go_again() => Simulator.Run(4, async sim =>
    {
        var (sent, silent) = (0, true);
        var arm = Make(
            sim,
            _ =>
            {
                sent++;
                if (silent)
                    throw new IOException("no answer");
            },
            new ArmResponse(200, default));
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
            await Assert.ThrowsAsync<IOException>(() => arm.SendAsync(new ArmRequest("GET", Nic), CancellationToken.None));
        await Assert.ThrowsAsync<ArmUnreachableException>(() => arm.SendAsync(new ArmRequest("GET", Nic), CancellationToken.None));
        Assert.Equal(CircuitBreaker.Threshold, sent);
        silent = false;
        await sim.Delay(TimeSpan.FromSeconds(5));
        using var answer = await arm.SendAsync(new ArmRequest("GET", Nic), CancellationToken.None);
        using var next = await arm.SendAsync(new ArmRequest("GET", Nic), CancellationToken.None);
        Assert.Equal(CircuitBreaker.Threshold + 2, sent);
    });

    [Fact]
    public void Writes_are_prepared_in_turn_as_fast_as_the_quota_lets_them_go() => Simulator.Run(6, async sim =>
    {
        var arm = Make(sim, static _ => { }, new ArmResponse(200, default));
        var nic = ResourceId.Parse(Nic);
        using var first = await arm.SendAsync(Put("first", ArmPriority.Normal), CancellationToken.None);
        var waits = arm.SendAsync(Put("waits", ArmPriority.Normal), CancellationToken.None);
        // One waits already, and no two are told the same time.
        Assert.Equal("2 3 4", Turns(3, starves: true));
        // Those for which pods wait go before those for which none do, whoever asked first.
        Assert.Equal("5 6", Turns(2, starves: false));
        Assert.Equal("5", Turns(1, starves: true));

        // Who was told to come back does not go behind those who were told so later.
        await sim.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, arm.TurnToWrite(nic, starves: true, isBack: true));
        Assert.True(arm.TurnToWrite(nic, starves: true, isBack: false) > TimeSpan.FromSeconds(2));

        // Once all had their turn nobody waits.
        await sim.Delay(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, arm.TurnToWrite(nic, starves: false, isBack: false));

        (await waits).Dispose();

        string Turns(int count, bool starves) =>
            string.Join(' ', Enumerable.Range(0, count).Select(_ => Math.Round(arm.TurnToWrite(nic, starves, isBack: false).TotalSeconds)));
    });

    [Fact]
    public void Writes_that_wait_for_quota_are_ahead_of_one_that_is_not_prepared() => Simulator.Run(7, async sim =>
    {
        var arm = Make(sim, static _ => { }, new ArmResponse(200, default));
        var writes = Enumerable.Range(0, 6).Select(i => arm.SendAsync(Put($"{i}", ArmPriority.Normal), CancellationToken.None)).ToArray();
        Assert.InRange(arm.TurnToWrite(ResourceId.Parse(Nic), starves: true, isBack: true).TotalSeconds, 4.9, 6.1);
        foreach (var write in writes)
            (await write).Dispose();
    });

    private static ScheduledArm Make(Simulator sim, Action<ArmRequest> seen, ArmResponse answer) => new(
        new Answering(seen, answer), sim.Time, new QuotaSettings { WriteBucket = 1, WriteRefill = 1, LeftForOthers = 0 });

    private static ArmRequest Put(string name, ArmPriority priority) => new("PUT", $"{Nic}?{name}") { Priority = priority };

    private sealed class Answering(Action<ArmRequest> seen, ArmResponse answer) : IArm
    {
        public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            await Task.Yield();
            seen(request);
            return answer;
        }
    }
}

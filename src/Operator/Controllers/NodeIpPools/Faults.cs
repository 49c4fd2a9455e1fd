using System.Collections.Immutable;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>What is done about ARM's errors: tell, and when to try again.</summary>
internal sealed class Faults(OperatorContext context, StatusWriter statuses, Ledgers ledgers, ArmPause pause)
{
    private static readonly TimeSpan NotFoundPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(5);
    private static readonly Backoff Races = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    // All is to be well within five minutes after ARM is: no wait with its jitter, and the change that follows it, may take longer.
    private static readonly Backoff Retries = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(3));
    private static readonly Backoff Refusals = new(TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(3));
    private static readonly Backoff Silences = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(2));
    private static readonly Backoff Growths = new(TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(3));

    /// <summary>Somebody else was first: read and decide again, soon, later when that repeats itself.</summary>
    public ReconcileResult Again(PoolMemory memory)
    {
        memory.RestKey = string.Empty;
        // Two that always meet must part: the pause grows, and is as much chance as time. Watch events do not cut it short.
        var wait = context.Jitter.Lengthen(Races.After(++memory.Conflicts), 1);
        memory.Look = (context.Time.GetTimestamp(), wait);
        return ReconcileResult.After(wait, 1);
    }

    /// <summary>Nothing is added for a while.</summary>
    public void NoGrowth(PoolMemory memory, ArmError error)
    {
        var times = (memory.Growth?.Times ?? 0) + 1;
        memory.Growth = new GrowthFault(error, times, context.Time.GetTimestamp(), context.Jitter.Lengthen(Growths.After(times), 0.2));
        if (error.Cause == ArmCause.SubnetFull && memory.Binding is { } binding)
            ledgers.Look(new ObjectKey(binding.NetworkName));
    }

    /// <summary>A write was accepted and did nothing: it is tried again later, and later each time.</summary>
    public void Ineffective(PoolMemory memory, SentPut sent, int missing)
    {
        Metrics.Put("no_effect");
        NoGrowth(memory, SentEffect.ErrorOf(sent, missing));
        memory.FailedOperations = (memory.FailedOperations.Times + 1, context.Time.GetTimestamp());
        (memory.RepairAt, memory.IneffectiveUnder) = (null, sent.IfMatch);
    }

    /// <summary>
    /// Notes that ARM does not give back addresses which somebody else took off the interface. False when the error is about something else.
    /// </summary>
    public bool Lose(NodeIpPool pool, PoolMemory memory, ImmutableArray<IpAddress> asked, ArmError error)
    {
        if (asked.IsEmpty || error.Cause is not (ArmCause.AddressTaken or ArmCause.AddressNotUsable))
            return false;
        context.Recorder.NotPutBack(pool, memory.Removed.Lose(asked, error.Message), error);
        return true;
    }

    /// <summary>
    /// How long an interface that a failed operation left unconfirmed stays as it is; null when it may be written. A new leader finds
    /// the time in the status. One further ahead than any wait is of a leader whose clock was: it does not count.
    /// </summary>
    public TimeSpan? RepairWait(PoolRun run)
    {
        var left = run.Memory.FailedOperations is { Times: > 0 } failed
            ? Retries.After(failed.Times) - context.Time.GetElapsedTime(failed.Since)
            : run.Pool.Status?.NextAttempt is { } next ? next - context.Now : TimeSpan.Zero;
        return left > TimeSpan.Zero && left <= Retries.Cap ? left : null;
    }

    /// <summary>Says that the interface is repaired later, and when.</summary>
    public async Task<ReconcileResult> WaitForRepairAsync(PoolRun run, TimeSpan wait, CancellationToken cancellationToken)
    {
        // What another leader said about it stands.
        if (run.Memory is { FailedOperations.Times: > 0, Growth.Error: { } error })
        {
            run.Memory.Faulty = true;
            var next = run.Memory.RepairAt ??= context.Now + wait;
            var verdict = Verdicts.OfError(error, $"change {run.Binding.Nic.Name}") with { NextAttempt = next };
            context.Recorder.Warn(run.Pool, verdict);
            // The operation has ended: it is not asked about again.
            await statuses.WriteAsync(run.Pool, statuses.With(run.Pool, run.Pool.Status! with { Operation = null }, verdict), cancellationToken);
        }

        return ReconcileResult.After(wait, 1);
    }

    /// <summary>How many addresses a PUT may add, and when that changes by itself.</summary>
    public (int Most, TimeSpan? Until) Growth(PoolMemory memory)
    {
        if (memory.Growth is not { } fault)
            return (int.MaxValue, null);
        var left = fault.Wait - context.Time.GetElapsedTime(fault.Since);
        if (left > TimeSpan.Zero)
            return (0, left);
        // How many fit is ARM's to say. Where it does not, one at a time.
        return (RoomOf(memory)?.Free is { } free ? Math.Max(1, free) : 1, null);
    }

    /// <summary>The verdict of a pool that ARM refuses to enlarge.</summary>
    public Verdict GrowthVerdict(PoolRun run)
    {
        var error = run.Memory.Growth!.Error;
        var usage = run.Pool.Status?.Usage;
        var (desired, waiting) = (usage?.Desired ?? 0, usage?.Waiting ?? 0);
        if (error.Cause != ArmCause.SubnetFull || RoomOf(run.Memory) is not { Capacity: { } capacity, Free: { } free })
            return Verdicts.OfGrowth(error, run.Binding.Nic.Name, waiting);
        var bound = new Bound(BoundKind.SubnetFree, capacity, capacity - free);
        return Verdicts.AtBound(bound, desired, waiting, $"{run.Binding.Subnet.Name} ({run.Binding.Subnet.Cidr})");
    }

    /// <summary>Tells an error and says when to go on.</summary>
    public async Task<ReconcileResult> OfErrorAsync(
        NodeIpPool pool, PoolMemory memory, ArmError error, string what, CancellationToken cancellationToken)
    {
        var subscription = PoolSubscription.Of(context, pool, memory);
        pause.Note(subscription, error);
        memory.RestKey = string.Empty;
        if (error.Action == ArmAction.ReRead)
            return Again(memory);
        if (error.Action == ArmAction.Wait && error.Cause != ArmCause.Throttled)
            return ReconcileResult.After(context.Jitter.Lengthen(error.RetryAfter ?? BusyPause, 0.2), 1);

        memory.Failures++;
        memory.Forbidden = error.Action == ArmAction.Forbidden ? memory.Forbidden + 1 : 0;
        var wait = error switch
        {
            { Cause: ArmCause.Throttled } => pause.Left(subscription),
            { Action: ArmAction.Forbidden } => Refusals.After(memory.Forbidden),
            { Cause: ArmCause.NotFound } => NotFoundPause,
            _ => error.RetryAfter is { } named && named > Retries.After(memory.Failures) ? named : Retries.After(memory.Failures),
        };
        if (error.Cause == ArmCause.NotFound)
            memory.Binding = null;
        wait = context.Jitter.Lengthen(wait, 0.2);
        (memory.Faulty, memory.Silence) = (true, default);
        memory.Pause = new PoolPause(context.Time.GetTimestamp(), wait, pool.Metadata.Generation ?? 0);
        await TellAsync(pool, Verdicts.OfError(error, what) with { NextAttempt = context.Now + wait }, cancellationToken);
        return ReconcileResult.After(wait);
    }

    /// <summary>
    /// ARM did not answer, or not in a way that is understood. One lost answer is read again and not told; a second one in a row is.
    /// </summary>
    public async Task<ReconcileResult> OfSilenceAsync(NodeIpPool pool, PoolMemory memory, Exception cause, CancellationToken cancellationToken)
    {
        memory.RestKey = string.Empty;
        memory.Silence = (memory.Silence.Times + 1, memory.Silence.Times == 0 ? context.Now : memory.Silence.Since);
        var wait = context.Jitter.Lengthen(Silences.After(memory.Silence.Times), 0.2);
        memory.Pause = new PoolPause(context.Time.GetTimestamp(), wait, pool.Metadata.Generation ?? 0);
        if (memory.Silence.Times == 1)
            return ReconcileResult.After(wait);
        var next = context.Now + wait;
        memory.Faulty = true;
        await TellAsync(
            pool,
            cause is ArmAnswerException ? Verdicts.Unintelligible(cause.Message, next) : Verdicts.Unreachable(cause.Message, memory.Silence.Since, next),
            cancellationToken);
        return ReconcileResult.After(wait);
    }

    /// <summary>Writes a verdict and its event.</summary>
    public async Task<NodeIpPool> TellAsync(NodeIpPool pool, Verdict verdict, CancellationToken cancellationToken)
    {
        context.Recorder.Warn(pool, verdict);
        return await statuses.WriteAsync(pool, statuses.With(pool, pool.Status ?? new NodeIpPoolStatus(), verdict), cancellationToken);
    }

    private Api.VirtualNetworks.SubnetStatus? RoomOf(PoolMemory memory) => memory.Binding is { } binding && binding.Subnet.Id is { } id
        ? ledgers.Get(binding.NetworkName).Observation?.Find(id)
        : null;
}

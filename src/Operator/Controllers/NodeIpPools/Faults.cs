using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>What is done about ARM's errors: tell, and when to try again.</summary>
internal sealed class Faults(OperatorContext context, StatusWriter statuses, Ledgers ledgers, ArmPause pause)
{
    private static readonly TimeSpan ForbiddenPause = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan NotFoundPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(5);
    private static readonly Backoff Races = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    private static readonly Backoff Retries = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));
    private static readonly Backoff Growths = new(TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(5));

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

    /// <summary>How long an interface that a failed operation left unconfirmed stays as it is; null when it may be written.</summary>
    public TimeSpan? RepairWait(PoolMemory memory)
    {
        if (memory.FailedOperations is not { Times: > 0 } failed)
            return null;
        var left = Retries.After(failed.Times) - context.Time.GetElapsedTime(failed.Since);
        return left > TimeSpan.Zero ? left : null;
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
            return Verdicts.OfError(error, $"add addresses to {run.Binding.Nic.Name}") with { Ready = waiting == 0, CapacityLow = true };
        var bound = new Bound(BoundKind.SubnetFree, capacity, capacity - free);
        return Verdicts.AtBound(bound, desired, waiting, $"{run.Binding.Subnet.Name} ({run.Binding.Subnet.Cidr})");
    }

    /// <summary>Tells an error and says when to go on.</summary>
    public async Task<ReconcileResult> OfErrorAsync(
        NodeIpPool pool, PoolMemory memory, ArmError error, string what, CancellationToken cancellationToken)
    {
        pause.Note(error);
        memory.RestKey = string.Empty;
        if (error.Action == ArmAction.ReRead)
            return Again(memory);
        if (error.Action == ArmAction.Wait && error.Cause != ArmCause.Throttled)
            return ReconcileResult.After(context.Jitter.Lengthen(error.RetryAfter ?? BusyPause, 0.2), 1);

        memory.Failures++;
        var wait = error switch
        {
            { Cause: ArmCause.Throttled } => pause.Left,
            { Action: ArmAction.Forbidden } => ForbiddenPause,
            { Cause: ArmCause.NotFound } => NotFoundPause,
            _ => error.RetryAfter is { } named && named > Retries.After(memory.Failures) ? named : Retries.After(memory.Failures),
        };
        if (error.Cause == ArmCause.NotFound)
            memory.Binding = null;
        wait = context.Jitter.Lengthen(wait, 0.2);
        memory.Pause = new PoolPause(context.Time.GetTimestamp(), wait, pool.Metadata.Generation ?? 0);
        await TellAsync(pool, Verdicts.OfError(error, what) with { NextAttempt = context.Now + wait }, cancellationToken);
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

using System.Globalization;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Pools at rest: what is said of them, and when they are looked at again without a cause.</summary>
internal sealed class RestKeeper(OperatorContext context, StatusWriter statuses, Faults faults, Ledgers ledgers)
{
    /// <summary>How long a pool that looks as it did at rest can stay alone; null when it must be worked on.</summary>
    public TimeSpan? Left(NodeIpPool pool, PoolMemory memory)
    {
        if (!IsAtRest(pool, memory))
            return null;
        var left = context.Settings.Resync - context.Time.GetElapsedTime(memory.RestedAt);
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Whether a pool looks as it did when it came to rest.</summary>
    public bool IsAtRest(NodeIpPool pool, PoolMemory memory) => memory.RestKey.Length != 0
        // Pods that waited when nothing more was to be done have been served by what was done: that is no news.
        && (memory.RestKey == KeyOf(pool, memory) || (memory.RestedWaiting && Waiting(pool) == 0 && memory.RestKey == KeyOf(pool, memory, waiting: 1)))
        // Who owns the spec may have become known while the last verdict was written.
        && statuses.IsPersons(pool) == SpecOwners.Says(pool);

    /// <summary>When a pool that came to rest now is looked at again without a cause.</summary>
    public ReconcileResult Next() => ReconcileResult.After(context.Jitter.Spread(Min(context.Settings.Resync, context.Settings.AgentStale), 0.2));

    /// <summary>The pool has what it can have.</summary>
    public async Task<ReconcileResult> IdleAsync(PoolRun run, Bound bound, CancellationToken cancellationToken)
    {
        var (most, until) = faults.Growth(run.Memory);
        var usage = run.Pool.Status?.Usage;
        var wantsMore = (usage?.Desired ?? 0) > run.Held;
        // Its wishes are of old: a limit says nothing then.
        var stale = usage is not null && IsStale(run.Pool, run.Memory);
        var verdict = usage is null ? Verdicts.NoAgent
            : stale ? Verdicts.AgentStale(context.Settings.AgentStale) with { CapacityLow = bound.Binds }
            : most == 0 && wantsMore ? faults.GrowthVerdict(run)
            : bound.Binds ? Verdicts.AtBound(bound, usage.Desired ?? 0, usage.Waiting ?? 0, Places.Of(context, run, bound), ShareOf(run))
            : Verdicts.InSync(run.Held);
        var pool = await SayAsync(run, verdict, run.Held, cancellationToken);
        if (run.Memory.Drift is { } drift)
            context.Recorder.DriftRepaired(pool, drift);
        run.Memory.Drift = null;
        if (!(usage?.InUse > run.Held) && run.Snapshot.Missing.IsEmpty)
            run.Memory.Removed.Clear();
        (run.Memory.Failures, run.Memory.Forbidden, run.Memory.Conflicts, run.Memory.FailedOperations, run.Memory.Silence) = (0, 0, 0, default, default);
        run.Memory.IneffectiveUnder = string.Empty;
        run.Memory.Pause = null;
        if (until is { } wait && wantsMore)
            return ReconcileResult.After(wait);
        run.Memory.RestKey = KeyOf(pool, run.Memory);
        run.Memory.RestedWaiting = !AtLimit(pool) && Waiting(pool) > 0;
        (run.Memory.RestedAt, run.Memory.RestEtag) = (context.Time.GetTimestamp(), run.Nic?.ETag ?? string.Empty);
        return Next();
    }

    /// <summary>The budget grants nothing more.</summary>
    public async Task BoundAsync(PoolRun run, Bound bound, CancellationToken cancellationToken)
    {
        var usage = run.Pool.Status?.Usage;
        await SayAsync(run, Verdicts.AtBound(bound, usage?.Desired ?? 0, usage?.Waiting ?? 0, Places.Of(context, run, bound), ShareOf(run)), run.Held, cancellationToken);
    }

    /// <summary>Tells what would be done.</summary>
    public async Task<ReconcileResult> DryRunAsync(PoolRun run, PoolStep step, CancellationToken cancellationToken)
    {
        var (add, remove) = step switch
        {
            Put put => (put.Add.Length + put.PutBack.Length, put.Remove.Length),
            Reserve reserve => (Math.Max(0, reserve.Request.Want - reserve.Request.Base), Math.Max(0, reserve.Request.Base - reserve.Request.Want)),
            MarkReleasing mark => (0, mark.Addresses.Length),
            _ => (0, 0),
        };
        Metrics.Would();
        context.Recorder.Would(run.Pool, add, remove);
        var verdict = new Verdict(true, Reasons.InSync, $"dry run: would add {add} and remove {remove} addresses, {run.Held} held");
        await SayAsync(run, verdict, run.Held, cancellationToken);
        return ReconcileResult.After(context.Jitter.Spread(context.Settings.Resync, 0.2));
    }

    /// <summary>Writes the pool's share if it is another one than the status tells; returns the object as it is then.</summary>
    public Task<NodeIpPool> TellShareAsync(PoolRun run, CancellationToken cancellationToken) => run.Pool.Status is null
        ? Task.FromResult(run.Pool)
        : statuses.WriteAsync(run.Pool, WithShare(run), cancellationToken);

    private async Task<NodeIpPool> SayAsync(PoolRun run, Verdict verdict, int granted, CancellationToken cancellationToken)
    {
        if (verdict.Ready && run.Memory.Faulty)
            context.Recorder.Recovered(run.Pool, verdict.Message);
        if (!verdict.Ready && !verdict.Reconciling)
            context.Recorder.Warn(run.Pool, verdict);
        run.Memory.Faulty = !verdict.Ready && !verdict.Reconciling;
        var status = WithShare(run) with { Operation = null };
        // What the list follows is put right; what pods have lost is not.
        verdict = verdict with { Drift = Drifts.OfUse(context, run.Pool, run.Held) };
        return await statuses.WriteAsync(run.Pool, statuses.With(run.Pool, status, verdict, granted), cancellationToken);
    }

    // Before a new leader has computed the shares, what the last one said stands.
    private NodeIpPoolStatus WithShare(PoolRun run) => ledgers.Get(run.Binding.NetworkName).Shares is null
        ? run.Pool.Status!
        : run.Pool.Status! with { Share = ShareOf(run) };

    private int? ShareOf(PoolRun run) => ledgers.ShareOf(run.Binding.NetworkName, run.Pool.Metadata.Name)?.Addresses;

    /// <summary>Whether the agent has not reported for long. Counted from when this process saw the report: no clock of another machine is compared.</summary>
    public bool IsStale(NodeIpPool pool, PoolMemory memory)
    {
        var usage = pool.Status?.Usage;
        var report = string.Create(CultureInfo.InvariantCulture, $"{usage?.ObservedAt:O}/{usage?.Revision}");
        if (report != memory.Report)
            (memory.Report, memory.ReportSeenAt) = (report, context.Time.GetTimestamp());
        return context.Time.GetElapsedTime(memory.ReportSeenAt) >= context.Settings.AgentStale;
    }

    // Everything that the plan depends on, other than ARM.
    private string KeyOf(NodeIpPool pool, PoolMemory memory, int? waiting = null)
    {
        // A Node that is gone is no other machine.
        var node = context.Nodes.Get(new ObjectKey(pool.Metadata.Name));
        var (uid, machine) = node is null ? (memory.Binding?.NodeUid, memory.Binding?.ProviderId) : (node.Metadata.Uid, node.Spec?.ProviderID);
        var status = pool.Status;
        var usage = status?.Usage;
        // A pool at a limit tells how many pods wait.
        waiting ??= AtLimit(pool) ? Waiting(pool) : Math.Min(1, Waiting(pool));
        var share = memory.Binding is { } binding ? ledgers.ShareOf(binding.NetworkName, pool.Metadata.Name)?.Addresses : null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{share}/{uid}/{machine}/{pool.Metadata.Uid}/{pool.Metadata.Generation}/{pool.Metadata.DeletionTimestamp is not null}/{status?.Held}/{usage?.InUse > status?.Held}/{status?.SettledReservation}/{status?.Node?.NicResourceGuid}/{status?.Operation?.Url}/{usage?.Desired}/{waiting}/{string.Join(',', usage?.Releasable ?? [])}/{string.Join(',', usage?.Missing ?? [])}");
    }

    private static bool AtLimit(NodeIpPool pool) => ConditionSet.IsTrue(pool.Status?.Conditions, ConditionTypes.CapacityLow);

    private static int Waiting(NodeIpPool pool) => Math.Max(0, pool.Status?.Usage?.Waiting ?? 0);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

using System.Globalization;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Pools at rest: what is said of them, and when they are looked at again without a cause.</summary>
internal sealed class RestKeeper(OperatorContext context, StatusWriter statuses, Faults faults)
{
    /// <summary>How long a pool that looks as it did at rest can stay alone; null when it must be worked on.</summary>
    public TimeSpan? Left(NodeIpPool pool, PoolMemory memory)
    {
        if (memory.RestKey.Length == 0 || memory.RestKey != KeyOf(pool))
            return null;
        var left = context.Settings.Resync - context.Time.GetElapsedTime(memory.RestedAt);
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>The pool has what it can have.</summary>
    public async Task<ReconcileResult> IdleAsync(PoolRun run, Bound bound, CancellationToken cancellationToken)
    {
        var (most, until) = faults.Growth(run.Memory);
        var usage = run.Pool.Status?.Usage;
        var wantsMore = (usage?.Desired ?? 0) > run.Held;
        var verdict = usage is null ? Verdicts.NoAgent
            : most == 0 && wantsMore ? faults.GrowthVerdict(run)
            : bound.Binds ? Verdicts.AtBound(bound, usage.Desired ?? 0, usage.Waiting ?? 0, run.Binding.Nic.Name)
            : IsStale(run.Pool, run.Memory) ? Verdicts.AgentStale(context.Settings.AgentStale)
            : Verdicts.InSync(run.Held);
        var pool = await SayAsync(run, verdict, run.Held, cancellationToken);
        (run.Memory.Failures, run.Memory.Conflicts, run.Memory.FailedOperations) = (0, 0, default);
        run.Memory.Pause = null;
        if (until is { } wait && wantsMore)
            return ReconcileResult.After(wait);
        run.Memory.RestKey = KeyOf(pool);
        run.Memory.RestedAt = context.Time.GetTimestamp();
        return ReconcileResult.After(context.Jitter.Spread(Min(context.Settings.Resync, context.Settings.AgentStale), 0.2));
    }

    /// <summary>The budget grants nothing more.</summary>
    public async Task BoundAsync(PoolRun run, Bound bound, CancellationToken cancellationToken)
    {
        var usage = run.Pool.Status?.Usage;
        var place = bound.Kind == BoundKind.SubnetFree
            ? $"{run.Binding.Subnet.Name} ({run.Binding.Subnet.Cidr})"
            : run.Binding.NetworkName;
        await SayAsync(run, Verdicts.AtBound(bound, usage?.Desired ?? 0, usage?.Waiting ?? 0, place), run.Held, cancellationToken);
    }

    /// <summary>Tells what would be done.</summary>
    public async Task<ReconcileResult> DryRunAsync(PoolRun run, PoolStep step, CancellationToken cancellationToken)
    {
        var (add, remove) = step switch
        {
            Put put => (put.Add.Length, put.Remove.Length),
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

    private async Task<NodeIpPool> SayAsync(PoolRun run, Verdict verdict, int granted, CancellationToken cancellationToken)
    {
        if (verdict.Ready && run.Memory.Faulty)
            context.Recorder.Recovered(run.Pool, verdict.Message);
        if (!verdict.Ready && !verdict.Reconciling)
            context.Recorder.Warn(run.Pool, verdict);
        run.Memory.Faulty = !verdict.Ready && !verdict.Reconciling;
        var status = run.Pool.Status! with { Operation = null };
        return await statuses.WriteAsync(run.Pool, statuses.With(run.Pool, status, verdict, granted), cancellationToken);
    }

    // Counted from when this process saw the report: no clock of another machine is compared.
    private bool IsStale(NodeIpPool pool, PoolMemory memory)
    {
        var usage = pool.Status?.Usage;
        var report = string.Create(CultureInfo.InvariantCulture, $"{usage?.ObservedAt:O}/{usage?.Revision}");
        if (report != memory.Report)
            (memory.Report, memory.ReportSeenAt) = (report, context.Time.GetTimestamp());
        return context.Time.GetElapsedTime(memory.ReportSeenAt) >= context.Settings.AgentStale;
    }

    // Everything that the plan depends on, other than ARM.
    private static string KeyOf(NodeIpPool pool)
    {
        var status = pool.Status;
        var usage = status?.Usage;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{pool.Metadata.Uid}/{pool.Metadata.Generation}/{pool.Metadata.DeletionTimestamp is not null}/{status?.Held}/{status?.SettledReservation}/{status?.Node?.NicResourceGuid}/{status?.Operation?.Url}/{usage?.Desired}/{usage?.Waiting > 0}/{string.Join(',', usage?.Releasable ?? [])}");
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

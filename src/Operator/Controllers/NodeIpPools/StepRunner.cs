using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Does what the planner says, step by step, until there is something to wait for.</summary>
internal sealed class StepRunner(
    OperatorContext context, Ledgers ledgers, StatusWriter statuses, NicWriter writer, Faults faults, RestKeeper rest, SlotNames slots)
{
    /// <summary>More steps than one change can have: a loop would be a fault of the program.</summary>
    private const int MaxSteps = 16;

    private static readonly TimeSpan OperationLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DeletionLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AgentLook = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConsentLook = TimeSpan.FromMinutes(1);
    // Room in the budget wakes the pools that want it; this is for what nobody tells.
    private static readonly Backoff BudgetLooks = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    public async Task<ReconcileResult> RunAsync(PoolRun run, CancellationToken cancellationToken)
    {
        // A pool that is never at rest must keep by its share too: the agent offers what is beyond the one that is told.
        run = run with { Pool = await rest.TellShareAsync(run, cancellationToken) };
        for (var i = 0; i < MaxSteps; i++)
        {
            var step = PoolPlanner.Next(run.Snapshot, run.NicSnapshot, run.Reservation, SettingsOf(run));
            if (run.DryRun && step is MarkReleasing or Reserve or Put)
                return await rest.DryRunAsync(run, step, cancellationToken);
            if (step is Reserve or Put && IsLeftUnfinished(run, step) && faults.RepairWait(run) is { } repair)
                return await faults.WaitForRepairAsync(run, repair, cancellationToken);
            var (next, result) = await DoAsync(run, step, cancellationToken);
            if (result is not null)
                return result;
            run = next;
        }

        throw new InvalidOperationException($"the plan of {run.Pool.Metadata.Name} does not come to an end");
    }

    private static bool IsLeftUnfinished(PoolRun run, PoolStep step) =>
        run.NicSnapshot.Owned.Any(static a => !a.Confirmed) || (step is Put put && put.IfMatch == run.Memory.IneffectiveUnder);

    private PlanSettings SettingsOf(PoolRun run) =>
        new(slots, NodeLimits.Of(context, run.Pool, run.Settings).Most, run.Settings.WarmUp)
        {
            MaxGrowth = faults.Growth(run.Memory).Most,
            Share = ledgers.ShareOf(run.Binding.NetworkName, run.Pool.Metadata.Name),
            Subnet = run.Binding.Subnet.Id?.ToLowerInvariant() ?? string.Empty,
            PutsBack = run.Nic is not { IsOfScaleSet: true },
            DropsUnplaced = run.Memory.Growth is { Error.Action: ArmAction.GiveUp },
            Missed = run.Memory.Removed.Missed,
            Lost = run.Memory.Removed.Lost,
        };

    private async Task<(PoolRun Next, ReconcileResult? Result)> DoAsync(PoolRun run, PoolStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case Idle idle:
                return await IdleAsync(run, idle, cancellationToken);
            case Wait { For: WaitCause.Operation }:
                run.Memory.Look = (context.Time.GetTimestamp(), OperationLook);
                return (run, ReconcileResult.After(OperationLook, 1));
            case Wait wait:
                return (run, ReconcileResult.After(wait.For switch
                {
                    WaitCause.Agent => AgentLook,
                    WaitCause.Consent => ConsentLook,
                    _ => OperationLook,
                }));
            case MarkReleasing mark:
                return (run with { Pool = await statuses.WriteAsync(run.Pool, StatusComposer.Mark(run.Pool.Status!, mark), cancellationToken) }, null);
            case Publish publish:
                return (run with { Pool = await PublishAsync(run, publish, cancellationToken) }, null);
            case Put put:
                return (run, await writer.PutAsync(run, put, cancellationToken));
            case Reserve reserve:
                return await ReserveAsync(run, reserve, cancellationToken);
            case Settle settle:
                return await AskAsync(run, settle.Request, settle.Request.Reopen, cancellationToken);
            case Close close:
                return await AskAsync(run, close.Request, close.Request.Closing, cancellationToken);
            case RemoveFinalizer:
                await statuses.RemoveFinalizerAsync(run.Pool, cancellationToken);
                ledgers.Wake(new(run.Binding.NetworkName));
                return (run, ReconcileResult.Done);
            default:
                throw new InvalidOperationException($"unknown step {step}");
        }
    }

    /// <summary>
    /// The agent tells at once what it does with addresses that were just published, while the reservation is settled: the verdict is then written
    /// over that report. It is no reason to read the interface again, unless it asks for something.
    /// </summary>
    private async Task<(PoolRun Next, ReconcileResult? Result)> IdleAsync(PoolRun run, Idle idle, CancellationToken cancellationToken)
    {
        try
        {
            return (run, await rest.IdleAsync(run, idle.Bound, cancellationToken));
        }
        catch (KubeApiException e) when (e.IsConflict)
        {
            var now = await context.Api.GetAsync(OperatorKinds.Pools, run.Pool.Key(), cancellationToken);
            if (now is null || now.Metadata.Uid != run.Pool.Metadata.Uid)
                throw;
            var again = run with { Pool = now };
            if (PoolPlanner.Next(again.Snapshot, again.NicSnapshot, again.Reservation, SettingsOf(again)) is not Idle)
                throw;
            return (again, null);
        }
    }

    private async Task<NodeIpPool> PublishAsync(PoolRun run, Publish publish, CancellationToken cancellationToken)
    {
        var before = Snapshots.Addresses(run.Pool.Status).Select(static a => a.Address).ToHashSet();
        var after = publish.Addresses.Select(static a => a.Address).ToHashSet();
        var (added, removed) = (after.Count(a => !before.Contains(a)), before.Count(a => !after.Contains(a)));
        var pool = await statuses.WriteAsync(
            run.Pool, StatusComposer.Publish(run.Pool.Status, run.Binding, run.Nic, publish, context.Now), cancellationToken);
        TimeSpan? took = run.Memory.Sent is { } sent ? context.Time.GetElapsedTime(sent.SentAt) : null;
        context.Recorder.Changed(pool, added, removed, took, run.Memory.Sent?.CorrelationId);
        if (publish.Incarnation != run.Snapshot.Incarnation)
        {
            run.Memory.Removed.Clear();
        }
        else if (!publish.Vanished.IsEmpty)
        {
            run.Memory.Drift ??= Drifts.Of(run);
            run.Memory.Removed.Miss(publish.Vanished);
        }

        Metrics.Changed(added, removed, took);
        run.Memory.Sent = null;
        if (added > 0)
            run.Memory.Growth = null;
        return pool;
    }

    private async Task<(PoolRun Next, ReconcileResult? Result)> ReserveAsync(PoolRun run, Reserve reserve, CancellationToken cancellationToken)
    {
        if (reserve.Drift)
        {
            // Of a pool that has no list yet these are what an object before it left.
            if (run.Held > 0)
                run.Memory.Drift = Drifts.Of(run);
            if (reserve.Request.Must > run.Held)
                context.Recorder.DriftFound(run.Pool, run.Held, reserve.Request.Must);
        }

        var outcome = await ledgers.SubmitAsync(run.Binding.NetworkName, reserve.Request, run.Budget.Epoch, cancellationToken);
        switch (outcome)
        {
            case Reserved reserved:
                run.Memory.Refusals = 0;
                return (run with { Reservation = reserved.Reservation }, null);
            case Refused refused:
                if (refused.Bound.Kind is BoundKind.SubnetFree or BoundKind.VNetBudget)
                    ledgers.Divide(new(run.Binding.NetworkName));
                if (refused.Bound.Kind == BoundKind.SubnetFree)
                    ledgers.Look(new(run.Binding.NetworkName));
                await rest.BoundAsync(run, refused.Bound, cancellationToken);
                // A subnet's room is known from ARM alone, and not told; it is looked at again soon.
                run.Memory.Refusals = refused.Bound.Kind == BoundKind.VNetBudget ? run.Memory.Refusals + 1 : 1;
                return (run, ReconcileResult.After(context.Jitter.Spread(BudgetLooks.After(run.Memory.Refusals), 0.2)));
            case Unusable unusable:
                return (run, await UnusableAsync(run, unusable, cancellationToken));
            default:
                return (run, faults.Again(run.Memory));
        }
    }

    /// <summary>The object may be another one by the next try.</summary>
    private async Task<ReconcileResult> UnusableAsync(PoolRun run, Unusable unusable, CancellationToken cancellationToken)
    {
        run.Memory.Binding = null;
        run.Memory.Refusals++;
        if (unusable.Passing)
            return ReconcileResult.After(context.Jitter.Lengthen(DeletionLook, 0.2));
        run.Memory.Faulty = true;
        await faults.TellAsync(run.Pool, Verdicts.NetworkInvalid(unusable.Why), cancellationToken);
        return ReconcileResult.After(context.Jitter.Spread(BudgetLooks.After(run.Memory.Refusals), 0.2));
    }

    private async Task<(PoolRun Next, ReconcileResult? Result)> AskAsync(
        PoolRun run, BudgetRequest request, Reservation? after, CancellationToken cancellationToken)
    {
        var outcome = await ledgers.SubmitAsync(run.Binding.NetworkName, request, run.Budget.Epoch, cancellationToken);
        if (outcome is Unusable unusable)
            return (run, await UnusableAsync(run, unusable, cancellationToken));
        return outcome is Done ? (run with { Reservation = after }, null) : (run, faults.Again(run.Memory));
    }
}

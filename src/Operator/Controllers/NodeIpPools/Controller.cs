using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Validation;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Operations;
using Vnetcni.Operator.Azure.Scheduling;
using Vnetcni.Operator.Controllers.Nodes;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Brings one node's interface closer to what its agent wants: read, plan, one step at a time, never waiting for ARM.</summary>
internal sealed class Controller(
    OperatorContext context,
    NodeAbsence absence,
    PoolMemories memories,
    BindingFinder finder,
    PoolReader reader,
    NetworkInterfaceClient nics,
    OperationClient operations,
    StatusWriter statuses,
    StepRunner steps,
    RestKeeper rest,
    StandingCheck standing,
    ExclusionKeeper exclusions,
    Faults faults,
    ArmPause pause,
    LookPace pace,
    ScheduledArm scheduled) : IReconciler
{
    private static readonly TimeSpan OperationLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReportWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AbsenceLook = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.Pools.Get(key) is not { } cached)
        {
            memories.Forget(key.Name);
            absence.Forget(key.Name);
            return ReconcileResult.Done;
        }

        var memory = memories.Get(key.Name);
        try
        {
            // Whatever the pool waits for: this needs nothing of ARM.
            await exclusions.FollowAsync(cached, memory, cancellationToken);
            if (FirstReport(cached, memory) is { } unreported)
                return ReconcileResult.After(unreported);
            if (PausedFor(cached, memory) is { } paused)
                return ReconcileResult.After(paused);
            if (LookLeft(memory) is { } look)
                return ReconcileResult.After(look, 1);
            if (pause.Left(PoolSubscription.Of(context, cached, memory)) is { Ticks: > 0 } throttled)
                return ReconcileResult.After(context.Jitter.Lengthen(throttled, 0.2));
            if (rest.Left(cached, memory) is { } resting)
                return ReconcileResult.After(resting);
            if (await standing.RestOnAsync(cached, memory, cancellationToken) is { } on)
                return on;
            if (WriteLeft(cached, memory) is { } held)
                return held;
            return await WorkOrTellAsync(cached, memory, cancellationToken);
        }
        catch (KubeApiException e) when (e.IsConflict)
        {
            return faults.Again(memory);
        }
        catch (Exception e) when (TransientErrors.Is(e))
        {
            memory.RestKey = string.Empty;
            // The budget's object was deleted: the search makes it again.
            if (e is KubeApiException { IsNotFound: true })
                memory.Binding = null;
            throw;
        }
    }

    private async Task<ReconcileResult> WorkOrTellAsync(NodeIpPool cached, PoolMemory memory, CancellationToken cancellationToken)
    {
        try
        {
            return await WorkAsync(cached, memory, cancellationToken);
        }
        catch (Exception e) when (e is ArmUnreachableException or ArmAnswerException)
        {
            // The work may have written the pool since it was cached.
            var now = await context.Api.GetAsync(OperatorKinds.Pools, new ObjectKey(cached.Metadata.Name), cancellationToken);
            return now is null ? ReconcileResult.Done : await faults.OfSilenceAsync(now, memory, e, cancellationToken);
        }
    }

    private async Task<ReconcileResult> WorkAsync(NodeIpPool cached, PoolMemory memory, CancellationToken cancellationToken)
    {
        var errors = SpecValidation.Validate(cached);
        if (errors.Count > 0 && cached.Metadata.DeletionTimestamp is null)
        {
            await faults.TellAsync(cached, Verdicts.Invalid(SpecError.Join(errors)), cancellationToken);
            return ReconcileResult.Done;
        }

        var settings = errors.Count == 0 ? EffectiveSettings.Of(cached.Spec!) : InterfaceOnly(cached.Spec);
        var bound = memory.Binding is not null;
        if (await BindAsync(cached, memory, settings, cancellationToken) is { } unbound)
            return unbound;

        var binding = memory.Binding!;
        // One that was bound before has asked already.
        if (!bound && WriteLeft(cached, memory) is { } held)
            return held;
        if (await reader.ReadAsync(cached.Metadata.Name, binding.NetworkName, cancellationToken) is not { } read)
            return faults.Again(memory);
        if (await FollowAsync(read.Pool, memory, cancellationToken) is { } running)
            return running;
        // After the pool: a machine that starts later reports before it gives an address to anybody, and what is decided here meets that report.
        var consent = read.Pool.Metadata.DeletionTimestamp is not null
            ? await absence.CheckAsync(read.Pool, cancellationToken)
            : new Consent(context.Nodes.Get(new ObjectKey(cached.Metadata.Name)) is not null, DrainConsented: false);
        var run = new PoolRun
        {
            Pool = read.Pool,
            Memory = memory,
            Settings = settings,
            Consent = consent,
            Binding = binding,
            Budget = read.Budget,
            Reservation = read.Reservation,
            DryRun = IsDryRun(read.Pool),
        };
        // Also when the VM is gone: an interface can outlive it, with our addresses on it.
        var nic = await nics.GetAsync(binding.Nic, NicWriter.Starves(read.Pool) ? ArmPriority.Starved : ArmPriority.Normal, cancellationToken);
        if (!nic.IsSuccess)
            return await NoNicAsync(run, nic.Error, cancellationToken);
        using var view = nic.Value;
        if (!memory.Etags.IsNewest(view.ETag) || !memory.Observed.IsNewest(view.ObservedETag))
            return ReconcileResult.After(OperationLook, 1);
        if (binding.NodeUid is not null && !string.Equals(view.Primary.SubnetId, binding.Subnet.Id, StringComparison.OrdinalIgnoreCase))
        {
            // It was found in a list of the past: it is looked for again.
            memory.Binding = null;
            return faults.Again(memory);
        }

        if (binding.Contradicts(read.Pool.Status?.Node, view.ResourceGuid) is { } contradiction && contradiction != memory.BoundAgainst)
        {
            // A Node or a list of the past, or the status of a leader that had them: what is written now has to be of the present.
            (memory.Binding, memory.BindsAfresh, memory.BoundAgainst) = (null, true, contradiction);
            return faults.Again(memory);
        }

        if (Judge(memory, view) is { } lagging)
            return lagging;
        run = run with { Nic = view };
        return await steps.RunAsync(run with { Pool = await DescribeAsync(run, cancellationToken) }, cancellationToken);
    }

    // A deletion adds nothing: of a spec that breaks a rule only the interface is needed to let the pool go.
    private static EffectiveSettings InterfaceOnly(NodeIpPoolSpec? spec) => EffectiveSettings.Default with
    {
        InterfaceSelector = spec?.NetworkInterface?.Selector ?? EffectiveSettings.Default.InterfaceSelector,
        InterfaceName = spec?.NetworkInterface?.Name ?? EffectiveSettings.Default.InterfaceName,
    };

    // A new pool's agent reports within seconds, and wakes it: what is read before would be read again.
    private TimeSpan? FirstReport(NodeIpPool pool, PoolMemory memory)
    {
        memory.SeenAt ??= context.Time.GetTimestamp();
        if (pool.Status?.Usage is not null || pool.Status?.Held > 0 || pool.Metadata.DeletionTimestamp is not null || pool.Spec?.Pool?.WarmUp > 0)
            return null;
        var left = ReportWait - context.Time.GetElapsedTime(memory.SeenAt.Value);
        return left > TimeSpan.Zero ? left : null;
    }

    private TimeSpan? PausedFor(NodeIpPool pool, PoolMemory memory)
    {
        if (memory.Pause is not { } paused)
            return null;
        var left = paused.For - context.Time.GetElapsedTime(paused.Since);
        if (left > TimeSpan.Zero && paused.Generation == (pool.Metadata.Generation ?? 0) && pool.Metadata.DeletionTimestamp is null)
            return left;
        memory.Pause = null;
        return null;
    }

    /// <summary>What may need a write that cannot go for long is not even read; what runs is followed.</summary>
    private ReconcileResult? WriteLeft(NodeIpPool pool, PoolMemory memory)
    {
        if (memory.Binding is not { } binding || pool.Status?.Operation is not null)
            return null;
        // A turn that pods did not wait for is none for those that do.
        var starves = NicWriter.Starves(pool);
        var turn = memory.Turn is { } told && (told.Starves || !starves) ? memory.Turn : null;
        if (turn is { } mine && mine.For - context.Time.GetElapsedTime(mine.Since) is { Ticks: > 0 } left)
            return ReconcileResult.After(left, 1);
        var wait = scheduled.TurnToWrite(binding.Nic, starves, isBack: turn is not null);
        memory.Turn = wait > TimeSpan.Zero ? (context.Time.GetTimestamp(), wait, starves) : null;
        return wait > TimeSpan.Zero ? ReconcileResult.After(wait, 1) : null;
    }

    private TimeSpan? LookLeft(PoolMemory memory)
    {
        if (memory.Look is not { } look)
            return null;
        var left = look.For - context.Time.GetElapsedTime(look.Since);
        if (left > TimeSpan.Zero)
            return left;
        memory.Look = null;
        return null;
    }

    /// <summary>Finds the interface; a result when that has to wait.</summary>
    private async Task<ReconcileResult?> BindAsync(
        NodeIpPool pool, PoolMemory memory, EffectiveSettings settings, CancellationToken cancellationToken)
    {
        var node = context.Nodes.Get(new ObjectKey(pool.Metadata.Name));
        if (memory.Binding is { } known
            && (node is null || (known.NodeUid == node.Metadata.Uid && known.ProviderId == node.Spec?.ProviderID))
            && !RanLong(memory) && memory.BoundGeneration == pool.Metadata.Generation)
        {
            // The cache has caught up.
            memory.BindsAfresh = false;
            return null;
        }

        var found = await finder.FindAsync(pool, settings, memory.BindsAfresh, cancellationToken);
        if (found.Binding is not null)
        {
            memory.Binding = found.Binding;
            if (found.Binding.ExcludedCidrsLeftOut > 0)
                context.Recorder.ExclusionsLeftOut(pool, found.Binding.ExcludedCidrs.Count, found.Binding.ExcludedCidrsLeftOut);
            memory.BoundAt = context.Time.GetTimestamp();
            memory.BoundGeneration = pool.Metadata.Generation;
            return null;
        }

        if (found.Error is { } error)
            return await faults.OfErrorAsync(pool, memory, error, found.What, cancellationToken);
        if (pool.Metadata.DeletionTimestamp is not null && pool.Status?.NetworkInterfaces is null or { Count: 0 })
        {
            // Nothing was ever reserved for a pool whose interface was never described.
            await statuses.RemoveFinalizerAsync(pool, cancellationToken);
            return ReconcileResult.Done;
        }

        await faults.TellAsync(pool, found.Verdict!, cancellationToken);
        return ReconcileResult.After(AbsenceLook);
    }

    // Ranges of the virtual network and its peerings change without a word.
    private bool RanLong(PoolMemory memory) => context.Time.GetElapsedTime(memory.BoundAt) > context.Settings.Resync;

    /// <summary>Looks at the operation that runs; a result while it does.</summary>
    private async Task<ReconcileResult?> FollowAsync(NodeIpPool pool, PoolMemory memory, CancellationToken cancellationToken)
    {
        if (pool.Status?.Operation?.Url is not { Length: > 0 } url)
            return null;
        ArmOperation operation;
        try
        {
            operation = await operations.PollAsync(url, cancellationToken);
        }
        catch (ArmAnswerException)
        {
            // An URL that is not ours to ask, or no operation's answer: the interface itself says whether something runs.
            return null;
        }

        switch (operation.State)
        {
            case ArmOperationState.Running:
                var look = pace.Next(memory.Binding!.Nic, operation.RetryAfter);
                memory.Look = (context.Time.GetTimestamp(), look);
                return ReconcileResult.After(look, 1);
            case ArmOperationState.PollFailed when operation.Error!.Cause == ArmCause.Throttled:
                var subscription = memory.Binding!.Nic.SubscriptionId;
                pause.Note(subscription, operation.Error);
                return ReconcileResult.After(pause.Left(subscription), 1);
            case ArmOperationState.PollFailed when operation.Error!.Code == ScheduledArm.HeldBack:
                // It was not asked: nothing is known of it.
                memory.Look = (context.Time.GetTimestamp(), operation.RetryAfter ?? OperationLook);
                return ReconcileResult.After(operation.RetryAfter ?? OperationLook, 1);
            case ArmOperationState.Failed when operation.Error!.Action != ArmAction.ReRead || operation.Error.Cause == ArmCause.Unknown:
                // What stands now only a read tells; what was to be added is not tried again at once.
                Metrics.Put($"failed_{operation.Error.Cause}");
                faults.Lose(pool, memory, memory.Sent?.PutBack ?? [], operation.Error);
                faults.NoGrowth(memory, operation.Error);
                memory.FailedOperations = (memory.FailedOperations.Times + 1, context.Time.GetTimestamp());
                memory.RepairAt = null;
                memory.Sent = memory.Sent is { } failed ? failed with { IsJudged = true } : null;
                return null;
            case ArmOperationState.Failed:
                memory.Sent = memory.Sent is { } replaced ? replaced with { IsJudged = true } : null;
                return null;
            default:
                return null;
        }
    }

    /// <summary>
    /// Whether what this process sent has happened, once ARM says that nothing runs. An interface that is written through its VM may
    /// lag behind it for a while: a result says to look again.
    /// </summary>
    private ReconcileResult? Judge(PoolMemory memory, NicView nic)
    {
        if (memory.Sent is not { IsJudged: false } sent || Snapshots.Of(nic).Updating)
            return null;
        var missing = SentEffect.Missing(sent, nic);
        if (missing > 0)
        {
            memory.MissedSince ??= context.Time.GetTimestamp();
            if (nic.IsOfScaleSet && context.Time.GetElapsedTime(memory.MissedSince.Value) < Lag)
            {
                memory.Look = (context.Time.GetTimestamp(), OperationLook);
                return ReconcileResult.After(OperationLook, 1);
            }

            faults.Ineffective(memory, sent, missing);
        }

        memory.Sent = sent with { IsJudged = true };
        return null;
    }

    private async Task<ReconcileResult> NoNicAsync(PoolRun run, ArmError error, CancellationToken cancellationToken)
    {
        if (error.Cause != ArmCause.NotFound)
            return await faults.OfErrorAsync(run.Pool, run.Memory, error, $"read interface {run.Binding.Nic.Name}", cancellationToken);
        // The Node is gone as well: two witnesses.
        if (run.Snapshot is { Deleting: true, DrainConsented: true })
            return await steps.RunAsync(run, cancellationToken);
        // The VM may have got another interface: it is looked for again. Nothing is taken off the list for a 404.
        return await faults.OfErrorAsync(run.Pool, run.Memory, error, $"interface {run.Binding.Nic.Name} was not found", cancellationToken);
    }

    /// <summary>Says which interface this is about before anything is reserved for it.</summary>
    private async Task<NodeIpPool> DescribeAsync(PoolRun run, CancellationToken cancellationToken)
    {
        var known = run.Pool.Status?.Node?.NicResourceGuid ?? string.Empty;
        if (run.Nic!.ResourceGuid.Length == 0 || (known.Length != 0 && known != run.Nic.ResourceGuid) || run.Pool.Metadata.DeletionTimestamp is not null)
            return run.Pool;
        return await statuses.WriteAsync(run.Pool, StatusComposer.Describe(run.Pool.Status, run.Binding, run.Nic), cancellationToken);
    }

    private bool IsDryRun(NodeIpPool pool) => context.Settings.DryRun
        || (pool.Spec?.ClassName is { Length: > 0 } name && context.Classes.Get(new ObjectKey(name))?.Spec?.DryRun == true);
}

using Vnetcni.Api.Names;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Validation;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>The one loop that reads and writes a virtual network's object; see <see cref="Ledger"/>.</summary>
internal sealed class Controller(OperatorContext context, Ledgers ledgers, NetworkDirectory directory) : IReconciler
{
    private static readonly KubePatchOptions Apply = new(KubePatchType.Apply, FieldManagers.OperatorStatus, Force: true, Subresource: "status");

    // Without force: only the finalizer is ours, whoever made the object.
    private static readonly KubePatchOptions ApplySpec = new(KubePatchType.Apply, FieldManagers.OperatorSpec);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var ledger = ledgers.Get(key.Name);
        await AnswerReadersAsync(ledger, cancellationToken);
        if (ledger.Object is not { } network)
        {
            Answer(ledger.TakeRequests(), _ => new Outdated());
            return ReconcileResult.Done;
        }

        if (network.Metadata.DeletionTimestamp is null && !HasFinalizer(network))
        {
            try
            {
                ledger.Object = network = await FinalizeAsync(network, finalizer: true, cancellationToken);
            }
            catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
            {
                Forget(ledger);
                Answer(ledger.TakeRequests(), _ => new Outdated());
                return ReconcileResult.After(TimeSpan.FromMilliseconds(100), 1);
            }
        }

        if (Fault(network) is { } fault)
        {
            Answer(ledger.TakeRequests(), _ => new Unusable($"VirtualNetwork {ledger.Name} is not used ({fault.Reason}): {fault.Message}", Passing: false));
            await WriteAsync(ledger, network, NetworkStatusText.Stalled(network, fault.Reason, fault.Message, context.Now), cancellationToken);
            return ReconcileResult.Done;
        }

        var wait = ledger.WrittenAt is { } written ? context.Settings.RoundInterval - context.Time.GetElapsedTime(written) : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
            return ledger.HasRequests || NeedsWrite(ledger, network) ? ReconcileResult.After(wait, 1) : ReconcileResult.Done;
        await RoundAsync(ledger, network, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task AnswerReadersAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        var readers = ledger.TakeReaders();
        var cached = context.VirtualNetworks.Get(new ObjectKey(ledger.Name));
        var changed = cached is not null && ledger.Object is { } known
            && (cached.Metadata.Uid != known.Metadata.Uid || cached.Metadata.Generation > known.Metadata.Generation
                || (cached.Metadata.DeletionTimestamp is not null && known.Metadata.DeletionTimestamp is null));
        if (readers.Count == 0 && ledger.Object is not null && !changed && (cached is not null || ledger.HasRequests))
            return;
        try
        {
            await RefreshAsync(ledger, cancellationToken);
        }
        catch (Exception e) when (TransientErrors.Is(e) || e is OperationCanceledException)
        {
            readers.ForEach(r => r.TrySetException(e));
            Lose(ledger, ledger.TakeRequests(), e);
            throw;
        }

        if (ledger.Object is { } network)
        {
            var view = new BudgetView(ledger.Epoch, StateOf(network, ledger.Untold(network.Metadata.Uid)));
            readers.ForEach(r => r.TrySetResult(view));
        }
        else
        {
            readers.ForEach(r => r.TrySetException(new KubeApiException(404, "NotFound", $"VirtualNetwork {ledger.Name} does not exist")));
        }
    }

    private async Task RefreshAsync(Ledger ledger, CancellationToken cancellationToken)
    {
        var read = await context.Api.GetAsync(OperatorKinds.VirtualNetworks, new ObjectKey(ledger.Name), cancellationToken);
        if (ledger.Object?.Metadata.ResourceVersion != read?.Metadata.ResourceVersion || ledger.Object is null)
            ledger.Epoch++;
        ledger.Object = read;
        if (read is null || ledger.CountedUid == read.Metadata.Uid || Fault(read) is not null)
            return;

        // The object is new to this process: its count must agree with the lists. No list changes its length without the object
        // moving, in which case the write below fails.
        var lengths = await Inventory.LengthsAsync(context.Api, read.Spec!.ResourceId!, cancellationToken);
        var seen = ledger.Untold(read.Metadata.Uid);
        var state = StateOf(read, seen);
        state = state with { Used = state.Count(lengths) };
        await WriteAsync(ledger, read, NetworkStatusText.Of(read, state, seen, context.Now), cancellationToken);
        ledger.Told(seen, read.Metadata.Uid);
        ledger.CountedUid = read.Metadata.Uid;
    }

    private async Task RoundAsync(Ledger ledger, VirtualNetwork network, CancellationToken cancellationToken)
    {
        var taken = ledger.TakeRequests();
        var goes = network.Metadata.DeletionTimestamp is not null;
        var valid = taken.FindAll(p => p.Epoch == ledger.Epoch && !(goes && p.Request is ReserveRequest));
        Answer(
            taken.FindAll(p => p.Epoch == ledger.Epoch && goes && p.Request is ReserveRequest),
            _ => new Unusable($"VirtualNetwork {ledger.Name} is being deleted", Passing: true));
        Answer(taken.FindAll(p => p.Epoch != ledger.Epoch), _ => new Outdated());
        try
        {
            var requests = valid.ConvertAll(p => p.Request);
            var seen = ledger.Untold(network.Metadata.Uid);
            var state = StateOf(network, seen);
            requests.AddRange(await LeftoversAsync(state, cancellationToken));
            var (next, outcomes) = BudgetRound.Decide(state, requests, ledger.Rooms());
            await WriteAsync(ledger, network, NetworkStatusText.Of(network, next, seen, context.Now), cancellationToken);
            ledger.Told(seen, network.Metadata.Uid);
            Metrics.Budget(ledger.Name, next.Used, next.InFlight, next.Free);
            for (var i = 0; i < valid.Count; i++)
            {
                if (outcomes[i] is Reserved reserved && requests[i] is ReserveRequest { Subnet.Length: > 0 } asked)
                    ledger.Granted(asked.Subnet, reserved.Reservation.InFlight);
            }

            for (var i = 0; i < valid.Count; i++)
                valid[i].Answer.TrySetResult(outcomes[i]);
            if (goes && next.Reservations.IsEmpty && HasFinalizer(ledger.Object!))
            {
                // In the version that has no reservation: none was written since.
                await FinalizeAsync(ledger.Object!, finalizer: false, cancellationToken);
                Forget(ledger);
            }
        }
        catch (KubeApiException e) when (e.IsConflict)
        {
            // Somebody else wrote: whoever asked reads again and decides again.
            Metrics.Round("conflict");
            Forget(ledger);
            Answer(valid, _ => new Outdated());
        }
        catch (Exception e) when (TransientErrors.Is(e) || e is OperationCanceledException)
        {
            Metrics.Round("error");
            Lose(ledger, valid, e);
            throw;
        }
    }

    /// <summary>Empty closing reservations whose pool object is gone for good.</summary>
    private async Task<List<BudgetRequest>> LeftoversAsync(BudgetState state, CancellationToken cancellationToken)
    {
        var drops = new List<BudgetRequest>();
        foreach (var reservation in state.Reservations)
        {
            if (!reservation.Closing || reservation.Base != 0 || reservation.InFlight != 0
                || context.Pools.Get(new ObjectKey(reservation.Pool))?.Metadata.Uid == reservation.PoolUid)
            {
                continue;
            }

            var pool = await context.Api.GetAsync(OperatorKinds.Pools, new ObjectKey(reservation.Pool), cancellationToken);
            if (pool?.Metadata.Uid != reservation.PoolUid)
                drops.Add(new DropRequest(reservation.Pool, reservation.PoolUid));
        }

        return drops;
    }

    private bool NeedsWrite(Ledger ledger, VirtualNetwork network)
    {
        var seen = ledger.Untold(network.Metadata.Uid);
        return Differs(network, NetworkStatusText.Of(network, StateOf(network, seen), seen, context.Now));
    }

    // With what ARM has shown of others since the object was written.
    private BudgetState StateOf(VirtualNetwork network, NetworkObservation? seen)
    {
        var state = BudgetMapping.Read(network, context.Settings.PerVirtualNetwork);
        return seen?.Others is { } others ? state with { UsedByOthers = others } : state;
    }

    private static bool Differs(VirtualNetwork network, VirtualNetworkStatus next)
    {
        var target = ApplyTarget.Of(network.Metadata);
        return !ApplyBodies.VirtualNetworkStatus(target, next).AsSpan()
            .SequenceEqual(ApplyBodies.VirtualNetworkStatus(target, network.Status ?? new VirtualNetworkStatus()));
    }

    private async Task WriteAsync(Ledger ledger, VirtualNetwork network, VirtualNetworkStatus next, CancellationToken cancellationToken)
    {
        if (!Differs(network, next))
            return;
        ledger.WrittenAt = context.Time.GetTimestamp();
        var body = ApplyBodies.VirtualNetworkStatus(ApplyTarget.Of(network.Metadata), next);
        ledger.Object = await context.Api.PatchAsync(OperatorKinds.VirtualNetworks, new ObjectKey(ledger.Name), body, Apply, cancellationToken);
        Metrics.Round("written");
    }

    private static bool HasFinalizer(VirtualNetwork network) =>
        network.Metadata.Finalizers?.Contains(WellKnownNames.VirtualNetworkFinalizer) == true;

    private Task<VirtualNetwork> FinalizeAsync(VirtualNetwork network, bool finalizer, CancellationToken cancellationToken) => context.Api.PatchAsync(
        OperatorKinds.VirtualNetworks,
        new ObjectKey(network.Metadata.Name),
        ApplyBodies.VirtualNetworkFinalizer(ApplyTarget.Of(network.Metadata), finalizer),
        ApplySpec,
        cancellationToken);

    private (string Reason, string Message)? Fault(VirtualNetwork network)
    {
        if (SpecValidation.Validate(network) is { Count: > 0 } errors)
            return (Reasons.InvalidSpec, SpecError.Join(errors));
        var counts = directory.Find(network.Spec!.ResourceId!);
        return counts is null || counts.Metadata.Name == network.Metadata.Name
            ? null
            : (Reasons.DuplicateResource, $"{counts.Metadata.Name} stands for {network.Spec.ResourceId} already; delete one of the two");
    }

    private static void Forget(Ledger ledger)
    {
        ledger.Object = null;
        ledger.Epoch++;
    }

    private static void Lose(Ledger ledger, List<Ledger.Pending> pending, Exception cause)
    {
        Forget(ledger);
        // Nothing was written: when to try again is the queue's decision, which waits longer each time.
        ledger.WrittenAt = null;
        pending.ForEach(p => p.Answer.TrySetException(cause));
    }

    private static void Answer(List<Ledger.Pending> pending, Func<BudgetRequest, BudgetOutcome> outcome) =>
        pending.ForEach(p => p.Answer.TrySetResult(outcome(p.Request)));
}

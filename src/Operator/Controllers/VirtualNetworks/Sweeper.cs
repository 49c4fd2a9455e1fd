using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.Scheduling;
using Vnetcni.Operator.Azure.VirtualMachines;
using Vnetcni.Operator.Controllers.NodeIpPools;
using Vnetcni.Operator.Controllers.Nodes;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>
/// Resolves reservations that have no pool: the pool went before its interface was seen, or its node got another interface while the
/// old one lives. See <see cref="LeftoverPlanner"/>.
/// </summary>
internal sealed class Sweeper(
    OperatorContext context,
    Ledgers ledgers,
    NodeAbsence absence,
    VirtualMachineClient machines,
    NetworkInterfaceClient nics,
    OwnedNames names,
    ArmPause pause) : IReconciler
{
    /// <summary>The same reservation is looked at this often.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const int MostAtATime = 16;
    private readonly Dictionary<string, (Reservation Seen, long At)> looked = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.VirtualNetworks.Get(key) is not { } cached || !(cached.Status?.Reservations ?? []).Any(IsOrphan))
            return ReconcileResult.Done;
        if (ResourceId.TryParse(cached.Spec?.ResourceId, out var id) && pause.Left(id.SubscriptionId) is { Ticks: > 0 } paused)
            return ReconcileResult.After(paused);
        var budget = await ledgers.ReadAsync(key.Name, cancellationToken);
        foreach (var reservation in budget.State.Reservations.Where(r => IsOrphan(r) && IsDue(r)).Take(MostAtATime))
        {
            looked[reservation.Pool] = (reservation, context.Time.GetTimestamp());
            await StepAsync(cached, reservation, budget, cancellationToken);
        }

        return ReconcileResult.After(context.Jitter.Lengthen(Interval, 0.2));
    }

    private bool IsOrphan(AddressReservation r) => IsOrphan(new Reservation(r.Pool, r.PoolUid, r.Base, r.Ceiling, r.NicEtag) { Nic = r.Nic ?? string.Empty });

    private bool IsOrphan(Reservation r) => r.Nic.Length != 0 && (r.IsLeftover || context.Pools.Get(new ObjectKey(r.Pool)) is null);

    private bool IsDue(Reservation r) =>
        !looked.TryGetValue(r.Pool, out var last) || last.Seen != r || context.Time.GetElapsedTime(last.At) >= Interval;

    private async Task StepAsync(VirtualNetwork network, Reservation reservation, BudgetView budget, CancellationToken cancellationToken)
    {
        if (!ResourceId.TryParse(reservation.Nic, out var id) || !NetworkInterfaceClient.Knows(id))
            return;
        var read = await nics.GetAsync(id, cancellationToken);
        if (!read.IsSuccess && read.Error.Cause != ArmCause.NotFound)
        {
            pause.Note(id.SubscriptionId, read.Error);
            return;
        }

        using var view = read.IsSuccess ? read.Value : null;
        var nic = view is null ? NicSnapshot.Gone : Snapshots.Of(view);
        var consented = view is not null && !nic.Owned.IsEmpty && await IsUnusedAsync(reservation, view, cancellationToken);
        // After the interface: a pool made before this may have moved it under this very reservation, which is its then. One made from
        // now on sees the reservation.
        if (!reservation.IsLeftover && await context.Api.GetAsync(OperatorKinds.Pools, new ObjectKey(reservation.Pool), cancellationToken) is not null)
            return;
        var claim = await ClaimAsync(reservation.Nic, nic, budget.State, cancellationToken);
        if (claim is { Accounts: false })
            return;
        var epoch = budget.Epoch;
        switch (LeftoverPlanner.Next(reservation, nic, consented, claim is not null))
        {
            case DropReservation:
                await ledgers.SubmitAsync(network.Metadata.Name, new DropRequest(reservation.Pool, reservation.PoolUid, reservation) { Claim = claim?.By }, epoch, cancellationToken);
                looked.Remove(reservation.Pool);
                absence.Forget(reservation.Pool);
                break;
            case MoveReservation move:
                await ledgers.SubmitAsync(network.Metadata.Name, new CloseRequest(reservation.Pool, reservation, move.Next), epoch, cancellationToken);
                break;
            case CleanInterface clean when !context.Settings.DryRun:
                await CleanAsync(network, reservation, view!, clean, cancellationToken);
                break;
            default:
                if (!nic.Owned.IsEmpty)
                    context.Recorder.Orphaned(network, id.Name, nic.Owned.Length, reservation.Pool);
                break;
        }
    }

    private async Task CleanAsync(VirtualNetwork network, Reservation reservation, NicView view, CleanInterface clean, CancellationToken cancellationToken)
    {
        var nic = ResourceId.Parse(reservation.Nic);
        using var body = NicSplice.Apply(view, names, [], clean.Slots);
        var outcome = await nics.PutAsync(nic, body.Utf8, clean.IfMatch, ArmPriority.Release, cancellationToken);
        if (outcome.IsAccepted)
        {
            if (!clean.Slots.IsEmpty)
                context.Recorder.Cleaned(network, view.Name, clean.Slots.Length, reservation.Pool);
            return;
        }

        pause.Note(nic.SubscriptionId, outcome.Error);
        if (outcome.Error.Action != ArmAction.ReRead)
            context.Recorder.NotCleaned(network, view.Name, outcome.Error);
    }

    /// <summary>
    /// Which pool is about this interface, null for none, and whether it accounts for what is on it by now: while it has a reservation, by
    /// that alone, else by its list. Before that, what stands here is all that does.
    /// </summary>
    private async Task<Claimed?> ClaimAsync(string nic, NicSnapshot seen, BudgetState budget, CancellationToken cancellationToken)
    {
        if (context.Pools.Snapshot.Objects.FirstOrDefault(p => IsAbout(p, nic)) is not { } cached)
            return null;
        var pool = await context.Api.GetAsync(OperatorKinds.Pools, cached.Key(), cancellationToken);
        var own = budget.Of(cached.Metadata.Name);
        var by = new Claim(cached.Metadata.Name, own);
        if (pool is null || !IsAbout(pool, nic))
            return new Claimed(by, Accounts: false);
        var accounted = own is null ? Snapshots.Addresses(pool.Status).Length : own.Nic == nic ? own.Ceiling : 0;
        return new Claimed(by, accounted >= seen.Owned.Length);
    }

    private static bool IsAbout(NodeIpPool pool, string nic) =>
        pool.Status?.NetworkInterfaces is [{ Id: { } id }, ..] && id.Equals(nic, StringComparison.OrdinalIgnoreCase);

    private readonly record struct Claimed(Claim By, bool Accounts);

    private async Task<bool> IsUnusedAsync(Reservation reservation, NicView view, CancellationToken cancellationToken)
    {
        if (!ResourceId.TryParse(view.VirtualMachineId, out var vmId))
            return true;
        var vm = await machines.GetAsync(vmId, cancellationToken);
        if (vm.IsSuccess ? vm.Value.IsDeallocated : vm.Error.Cause == ArmCause.NotFound)
            return true;
        if (!vm.IsSuccess)
            pause.Note(vmId.SubscriptionId, vm.Error);
        if (!vm.IsSuccess || reservation.IsLeftover)
            return false;
        var pool = new NodeIpPool { Metadata = { Name = reservation.Pool } };
        return (await absence.CheckAsync(pool, cancellationToken)).DrainConsented;
    }
}

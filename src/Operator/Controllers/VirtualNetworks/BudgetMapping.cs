using System.Collections.Immutable;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Between the VirtualNetwork object and the pure budget.</summary>
internal static class BudgetMapping
{
    public static BudgetState Read(VirtualNetwork network, int cap)
    {
        var status = network.Status;
        return new BudgetState(
            Math.Min(network.Spec?.PodAddressLimit ?? VirtualNetworkSpec.DefaultPodAddressLimit, cap),
            network.Spec?.ReservedForOthers ?? 0,
            status?.UsedByOthers ?? 0,
            status?.UsedByUs ?? 0,
            [.. (status?.Reservations ?? []).Select(Read).OrderBy(static r => r.Pool, StringComparer.Ordinal)]);
    }

    public static IReadOnlyList<AddressReservation>? Write(ImmutableArray<Reservation> reservations) => reservations.IsEmpty
        ? null
        :
        [
            .. reservations.Select(static r => new AddressReservation
            {
                Pool = r.Pool,
                PoolUid = r.PoolUid,
                Base = r.Base,
                Ceiling = r.Ceiling,
                NicEtag = r.NicEtag,
                Nic = r.Nic.Length == 0 ? null : r.Nic,
                Closing = r.Closing ? true : null,
            }),
        ];

    private static Reservation Read(AddressReservation r) =>
        new(r.Pool, r.PoolUid, r.Base, r.Ceiling, r.NicEtag, r.Closing == true) { Nic = r.Nic ?? string.Empty };
}

using System.Collections.Immutable;

namespace Vnetcni.Ipam.VNetBudget;

/// <summary>The budget of one virtual network. Counts are addresses.</summary>
/// <param name="Limit">The most pod addresses, all clusters together.</param>
/// <param name="ReservedForOthers">What is kept for other clusters.</param>
/// <param name="UsedByOthers">What other clusters have, as far as ARM shows.</param>
/// <param name="Used">Lengths of the lists of pools without a reservation, and bases of those with one.</param>
/// <param name="Reservations">Changes in flight, ordered by pool.</param>
public sealed record BudgetState(
    int Limit, int ReservedForOthers, int UsedByOthers, int Used, ImmutableArray<Reservation> Reservations)
{
    /// <summary>Reservations that one object can hold (the schema's bound).</summary>
    public const int MaxReservations = 1024;

    /// <summary>What this cluster may use in all.</summary>
    public int ForUs => (int)Math.Max(0L, (long)Limit - Math.Max(UsedByOthers, ReservedForOthers));

    /// <summary>What the reservations may still add.</summary>
    public int InFlight => Reservations.Sum(static r => r.InFlight);

    /// <summary>What can be granted now.</summary>
    public int Free => (int)Math.Max(0L, (long)ForUs - Used - InFlight);

    /// <summary>The reservation of a pool, or null.</summary>
    public Reservation? Of(string pool)
    {
        foreach (var reservation in Reservations)
        {
            if (reservation.Pool == pool)
                return reservation;
        }

        return null;
    }

    /// <summary>
    /// <see cref="Used"/> counted anew. Exact when the virtual network was read before the lists and has not moved since:
    /// a list changes its length only under a reservation.
    /// </summary>
    /// <param name="lengths">Name and length of every pool of this virtual network.</param>
    public int Count(IEnumerable<KeyValuePair<string, int>> lengths)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        var reserved = new HashSet<string>(Reservations.Select(static r => r.Pool), StringComparer.Ordinal);
        return Reservations.Sum(static r => r.Base) + lengths.Where(p => !reserved.Contains(p.Key)).Sum(static p => p.Value);
    }

    internal BudgetState With(Reservation reservation) => this with
    {
        Reservations =
        [
            .. Reservations.Where(r => r.Pool != reservation.Pool).Append(reservation).OrderBy(static r => r.Pool, StringComparer.Ordinal),
        ],
    };

    internal BudgetState Without(string pool) => this with { Reservations = [.. Reservations.Where(r => r.Pool != pool)] };
}

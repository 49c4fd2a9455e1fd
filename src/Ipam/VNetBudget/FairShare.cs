namespace Vnetcni.Ipam.VNetBudget;

/// <summary>
/// Deals scarce addresses out one at a time: first to pools whose pods wait, up to as many as wait, then to all; each time
/// to the pool that has the fewest. The order of the deals does not depend on how much there is, so that more room never
/// gives a pool less, and near the limit a batch shrinks down to one.
/// </summary>
internal static class FairShare
{
    /// <summary>One who takes part.</summary>
    internal sealed class Taker(string name, string subnet, int has, int most, int starved)
    {
        public string Name { get; } = name;

        public string Subnet { get; } = subnet;

        public int Has { get; set; } = has;

        public int Most { get; } = most;

        /// <summary>What it may have in the first pass.</summary>
        public int FirstPass { get; } = Math.Min(most, has + Math.Max(0, starved));

        public BoundKind BoundBy { get; set; }
    }

    /// <summary>Deals out at most <paramref name="room"/>.</summary>
    /// <param name="takers">Who takes part; changed in place.</param>
    /// <param name="room">What the virtual network has.</param>
    /// <param name="subnetFree">What each subnet has; a subnet that is not in it has no bound. Changed in place.</param>
    internal static void Deal(IReadOnlyList<Taker> takers, int room, Dictionary<string, int> subnetFree)
    {
        room = Pass(takers, static t => t.FirstPass, room, subnetFree);
        Pass(takers, static t => t.Most, room, subnetFree);
    }

    private static int Pass(IReadOnlyList<Taker> takers, Func<Taker, int> most, int room, Dictionary<string, int> subnetFree)
    {
        var queue = new PriorityQueue<Taker, (int Has, string Name)>(Comparer<(int Has, string Name)>.Create(static (a, b) =>
            a.Has != b.Has ? a.Has.CompareTo(b.Has) : string.CompareOrdinal(a.Name, b.Name)));
        foreach (var taker in takers)
        {
            if (taker.Has < most(taker))
                queue.Enqueue(taker, (taker.Has, taker.Name));
        }

        while (queue.TryDequeue(out var taker, out _))
        {
            var hasBound = subnetFree.TryGetValue(taker.Subnet, out var free);
            if (room <= 0 || (hasBound && free <= 0))
            {
                taker.BoundBy = hasBound && free <= 0 ? BoundKind.SubnetFree : BoundKind.VNetBudget;
                continue;
            }

            room--;
            taker.Has++;
            if (hasBound)
                subnetFree[taker.Subnet] = free - 1;
            if (taker.Has < most(taker))
                queue.Enqueue(taker, (taker.Has, taker.Name));
        }

        return room;
    }
}

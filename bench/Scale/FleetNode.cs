using Vnetcni.Ipam.PoolScaling;

namespace Vnetcni.Scale;

/// <summary>What an agent would report now.</summary>
internal sealed record FleetReport(int Desired, int InUse, int Free, int Waiting, IReadOnlyList<string> Releasable);

/// <summary>
/// One node's pods and its agent's decisions, by the agent's own arithmetic. A released address rests for the class's reuseCooldown; an
/// offer is never withdrawn, so this agent costs rather more writes than the real one.
/// </summary>
internal sealed class FleetNode
{
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(30);
    private static readonly ScalingSettings Settings = new();
    private readonly List<string> available = [];
    private readonly HashSet<string> used = new(StringComparer.Ordinal);
    private readonly HashSet<string> offered = new(StringComparer.Ordinal);
    private readonly List<(string Address, DateTimeOffset Until)> cooling = [];
    private readonly Queue<DateTimeOffset> waiting = new();
    private ExcessWindow excess = ExcessWindow.Empty;
    private int desired;

    /// <summary>Addresses that the pool lists, in whatever state.</summary>
    public int Listed { get; private set; }

    /// <summary>Addresses that the node wants whatever its pods; null when they decide.</summary>
    public int? Fixed { get; init; }

    public int Pods => used.Count + waiting.Count;

    public int Waiting => waiting.Count;

    /// <summary>Whether it has what it wants, and no pod waits.</summary>
    public bool IsServed => waiting.Count == 0 && Listed >= (Fixed ?? Math.Max(1, desired)) && (Fixed is not null || desired > 0);

    /// <summary>When something changes without a word from outside; null when nothing does.</summary>
    public DateTimeOffset? Due
    {
        get
        {
            DateTimeOffset? due = excess.Due(Settings.ReleaseDelay);
            foreach (var (_, until) in cooling)
                due = due is null || until < due ? until : due;
            return due;
        }
    }

    /// <summary>The pool's list has changed.</summary>
    public void See(IEnumerable<(string Address, bool Available)> list)
    {
        available.Clear();
        Listed = 0;
        foreach (var (address, isAvailable) in list)
        {
            Listed++;
            if (isAvailable)
                available.Add(address);
        }

        offered.IntersectWith(available);
    }

    public void AddPod(DateTimeOffset now) => waiting.Enqueue(now);

    /// <summary>Ends a pod: the one that waits longest, or one that runs.</summary>
    public void EndPod(DateTimeOffset now)
    {
        if (used.Count == 0)
        {
            waiting.TryDequeue(out _);
            return;
        }

        var address = used.First();
        used.Remove(address);
        cooling.Add((address, now + Cooldown));
    }

    /// <summary>Gives out what is free and decides anew; <paramref name="served"/> gets how long each served pod has waited.</summary>
    public FleetReport Step(DateTimeOffset now, Action<TimeSpan> served)
    {
        cooling.RemoveAll(c => c.Until <= now);
        var resting = cooling.Select(static c => c.Address).ToHashSet(StringComparer.Ordinal);
        var free = available.Where(a => !used.Contains(a) && !offered.Contains(a) && !resting.Contains(a)).ToList();
        while (waiting.Count > 0 && free.Count > 0)
        {
            served(now - waiting.Dequeue());
            used.Add(free[^1]);
            free.RemoveAt(free.Count - 1);
        }

        var demand = new PoolDemand(Pods, used.Count, resting.Count(available.Contains), waiting.Count);
        desired = Fixed ?? PoolTarget.Desired(Settings, demand, desired);
        (excess, var release) = excess.Observe(available.Count - offered.Count, desired, free.Count, Settings.ReleaseDelay, now);
        foreach (var address in free.Take(release))
            offered.Add(address);
        return new FleetReport(desired, used.Count, free.Count - release, demand.Unserved(free.Count), [.. offered.Order(StringComparer.Ordinal)]);
    }
}

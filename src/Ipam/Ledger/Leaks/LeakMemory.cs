using System.Collections.Immutable;

namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>What one look remembers for the next. A process begins with <see cref="Nothing"/>: it has seen nothing yet.</summary>
public sealed record LeakMemory
{
    /// <summary>Nothing seen yet.</summary>
    public static LeakMemory Nothing { get; } = new();

    /// <summary>Faults seen and not put right yet.</summary>
    internal ImmutableSortedDictionary<string, Suspicion> Suspicions { get; init; } =
        ImmutableSortedDictionary.Create<string, Suspicion>(StringComparer.Ordinal);

    /// <summary>Sandboxes of owners that the container runtime has listed: it knew them, so it would know that they live.</summary>
    internal ImmutableSortedSet<string> Known { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>How many faults are waited about.</summary>
    public int Count => Suspicions.Count;

    /// <summary>One fault.</summary>
    /// <param name="Since">When it was first seen.</param>
    /// <param name="Looks">How many looks have seen it.</param>
    /// <param name="Told">It was said already.</param>
    internal readonly record struct Suspicion(DateTimeOffset Since, int Looks, bool Told);
}

/// <summary>What came of a look.</summary>
/// <param name="Memory">For the next look.</param>
/// <param name="Steps">To be done now, in this order.</param>
public sealed record LeakOutcome(LeakMemory Memory, IReadOnlyList<LeakStep> Steps);

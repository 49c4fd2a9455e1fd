using System.Collections.Immutable;

namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>
/// Compares ledger, links and sandboxes, time and again, and says what leaked. Pure: (memory, look, now) → (memory, steps).
/// </summary>
/// <remarks>
/// Nothing is freed at first sight: a fault has to be seen by several looks, the first of them a while ago, with no look between
/// that showed the contrary. A look in which the container runtime is silent counts for nothing. The rules themselves stand in
/// <see cref="LeakRules"/>.
/// </remarks>
public static class LeakFinder
{
    /// <summary>Takes in one look.</summary>
    /// <param name="memory">Of the look before, or <see cref="LeakMemory.Nothing"/>.</param>
    /// <param name="look">What was seen.</param>
    /// <param name="policy">How sure one has to be.</param>
    /// <param name="now">A time that never goes back and does not jump.</param>
    public static LeakOutcome Look(LeakMemory memory, NodeLook look, LeakPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(policy);
        var known = Remember(memory.Known, look);
        List<LeakStep> steps = [];
        var next = ImmutableSortedDictionary.CreateBuilder<string, LeakMemory.Suspicion>(StringComparer.Ordinal);
        foreach (var fault in LeakRules.Faults(look, known))
        {
            var key = fault.Step.Key;
            if (next.ContainsKey(key))
                continue;
            var before = memory.Suspicions.GetValueOrDefault(key, new LeakMemory.Suspicion(now, 0, false));
            if (fault.IsUncertain)
            {
                // Neither confirmed nor refuted: it stays as it was, and what was never seen is not begun.
                if (before.Looks > 0)
                    next.Add(key, before);
                continue;
            }

            var seen = before with { Looks = before.Looks + 1 };
            var due = seen.Looks >= Math.Max(2, policy.Looks) && (!fault.WaitsForGrace || now - seen.Since >= policy.Grace);
            if (due && !seen.Told)
                steps.Add(fault.Step);
            // What is done and still seen later is a new fault; what can only be said is said once.
            if (!due || fault.Step is LeakStep.Complain)
                next.Add(key, seen with { Told = seen.Told || due });
        }

        return new LeakOutcome(new LeakMemory { Suspicions = next.ToImmutable(), Known = known }, steps);
    }

    // Only of owners that are there: the set can't grow beyond the node's links and addresses.
    private static ImmutableSortedSet<string> Remember(ImmutableSortedSet<string> before, NodeLook look)
    {
        var present = look.Ledger.SelectMany(seen => LeakRules.OwnersOf(seen.Record)).Concat(look.Links.Select(link => link.Owner!))
            .Where(owner => owner is not null).Select(owner => owner.ContainerId);
        return [.. present.Where(id => before.Contains(id) || look.Sandboxes.WordOn(id) is SandboxWord.Lives or SandboxWord.Stopped)];
    }
}

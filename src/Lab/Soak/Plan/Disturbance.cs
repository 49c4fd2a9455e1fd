namespace Vnetcni.Lab.Soak.Plan;

/// <summary>What goes wrong.</summary>
internal enum DisturbanceKind
{
    /// <summary>kill -9 of a machine's agent.</summary>
    KillAgent,

    /// <summary>kill -9 of the operator that leads.</summary>
    KillLeader,

    /// <summary>kill -9 of the operator that waits.</summary>
    KillStandby,

    /// <summary>A storm of one kind of ARM's faults.</summary>
    ArmStorm,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="Wait">Pause before it.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">Which machine, or which storm.</param>
/// <param name="Down">How long until the process is started again, or the storm is over.</param>
internal sealed record Disturbance(TimeSpan Wait, DisturbanceKind Kind, int Target, TimeSpan Down)
{
    /// <summary>
    /// The disturbances of a part, without end. Each round has every kind once in a drawn order, so that a short soak sees them
    /// all. The last machine's agent is spared: its memory and descriptors tell of leaks.
    /// </summary>
    /// <param name="seed">The soak's seed.</param>
    /// <param name="part">The part.</param>
    /// <param name="machines">Number of machines.</param>
    /// <param name="storms">Number of ARM's storms.</param>
    public static IEnumerable<Disturbance> Draw(ulong seed, SoakPart part, int machines, int storms)
    {
        for (var round = 0; ; round++)
        {
            var random = SoakRandom.For(seed, 2, part.Number, round);
            var list = new List<(DisturbanceKind Kind, int Target)>();
            for (var machine = 0; machine < machines - 1; machine++)
                list.Add((DisturbanceKind.KillAgent, machine));
            list.Add((DisturbanceKind.ArmStorm, random.Between(0, storms - 1)));
            if (part.KillOperators)
            {
                list.Add((DisturbanceKind.KillLeader, 0));
                list.Add((random.Chance(0.5) ? DisturbanceKind.KillStandby : DisturbanceKind.KillLeader, 0));
            }

            while (list.Count > 0)
            {
                var index = random.Between(0, list.Count - 1);
                var (kind, target) = list[index];
                list.RemoveAt(index);
                var wait = random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
                var down = random.Chance(0.4) ? TimeSpan.Zero : random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3));
                yield return new Disturbance(wait, kind, target, down);
            }
        }
    }
}

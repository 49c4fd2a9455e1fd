namespace Vnetcni.Lab.Soak.Plan;

/// <summary>What one worker does next: starts some pods, leaves them for a while, stops them, and perhaps is idle.</summary>
/// <param name="Pods">The pods, in order.</param>
/// <param name="Hold">How long all of them live at least.</param>
/// <param name="Idle">Pause after the last DEL: long ones let the pool shrink.</param>
internal sealed record Burst(IReadOnlyList<PodPlan> Pods, TimeSpan Hold, TimeSpan Idle)
{
    /// <summary>Most pods of one burst.</summary>
    public const int MostPods = 8;

    /// <summary>The burst of a number: the same for the same seed, part, machine, worker and number.</summary>
    public static Burst Draw(ulong seed, int part, int machine, int worker, int number)
    {
        var random = SoakRandom.For(seed, 1, part, machine, worker, number);
        // Mostly few, so that it goes fast; now and then many, so that the pool has to grow.
        var pods = new PodPlan[random.Between(1, random.Chance(0.2) ? MostPods : 3)];
        for (var i = 0; i < pods.Length; i++)
            pods[i] = PodPlan.Draw(random);
        var hold = random.Chance(0.6) ? TimeSpan.Zero : random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        var idle = random.Chance(0.04) ? random.Between(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9)) : TimeSpan.Zero;
        return new Burst(pods, hold, idle);
    }
}

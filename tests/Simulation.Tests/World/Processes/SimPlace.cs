namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>Where a process runs, life after life: the machine's clock and its ways to the others.</summary>
internal sealed class SimPlace
{
    /// <summary>How far its wall clock is ahead of the world's.</summary>
    public TimeSpan WallAhead { get; set; }

    /// <summary>How far its monotonic clock is ahead: it was suspended and does not know.</summary>
    public TimeSpan MonotonicAhead { get; set; }

    /// <summary>No way to the API server.</summary>
    public bool IsCutFromKube { get; set; }

    /// <summary>No way to Azure Resource Manager.</summary>
    public bool IsCutFromArm { get; set; }

    /// <summary>All ways are open again. Clocks stay as they are.</summary>
    public void Heal() => (IsCutFromKube, IsCutFromArm) = (false, false);
}

using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>How often things go wrong, as chances per call while faults are on.</summary>
internal sealed record FaultRates
{
    public static FaultRates None { get; } = new();

    public static FaultRates Rough { get; } = new()
    {
        KubeRefused = 0.02,
        KubeAnswerLost = 0.02,
        KubeWriteLate = 0.04,
        WatchDropped = 0.01,
        WatchStalled = 0.02,
        ArmRefused = 0.04,
        ArmAnswerLost = 0.08,
        ArmWriteLate = 0.05,
        ArmOperationFails = 0.05,
        ForeignWrite = 0.01,
        KernelError = 0.01,
        AgentDies = 0.002,
        OperatorDies = 0.003,
        ProcessDies = 0.0003,
    };

    /// <summary>An error before a Kubernetes call has an effect.</summary>
    public double KubeRefused { get; init; }

    /// <summary>A Kubernetes write takes up to half a minute to arrive, even if its sender is dead by then.</summary>
    public double KubeWriteLate { get; init; }

    /// <summary>How late such a write is at most, in seconds.</summary>
    public double KubeLateBy { get; init; } = 30;

    /// <summary>A change or a deletion arrives a second time at the API server, as late as late ones; nobody hears the second answer.</summary>
    public double KubeWriteTwice { get; init; }

    /// <summary>Per usage write of an agent: its machine restarts right after it was sent.</summary>
    public double RebootsWriting { get; init; }

    /// <summary>The answer of a Kubernetes call is lost after its effect.</summary>
    public double KubeAnswerLost { get; init; }

    /// <summary>Per event: the watch breaks off.</summary>
    public double WatchDropped { get; init; }

    /// <summary>Per event: it arrives many seconds late, and all later ones with it.</summary>
    public double WatchStalled { get; init; }

    /// <summary>429, 500 or 503 before an ARM call has an effect.</summary>
    public double ArmRefused { get; init; }

    /// <summary>The answer of an ARM call is lost after its effect.</summary>
    public double ArmAnswerLost { get; init; }

    /// <summary>An ARM write takes up to half a minute to arrive, even if its sender is dead by then.</summary>
    public double ArmWriteLate { get; init; }

    /// <summary>An ARM write arrives a second time, up to half a minute later; nobody hears the second answer.</summary>
    public double ArmWriteTwice { get; init; }

    /// <summary>An operation that was accepted ends Failed or Canceled.</summary>
    public double ArmOperationFails { get; init; }

    /// <summary>Another tool adds an ipConfiguration between a GET and a PUT.</summary>
    public double ForeignWrite { get; init; }

    /// <summary>A netlink call fails.</summary>
    public double KernelError { get; init; }

    /// <summary>Per system call or ledger record: the agent is killed right after it.</summary>
    public double AgentDies { get; init; }

    /// <summary>Per step of a process, from one await to the next: it dies before it.</summary>
    public double ProcessDies { get; init; }

    /// <summary>Per Kubernetes or ARM write: the operator is killed right after sending it.</summary>
    public double OperatorDies { get; init; }
}

/// <summary>All chance of the world, from the simulation's seed.</summary>
internal sealed class Weather(Simulator simulator, FaultRates rates)
{
    /// <summary>Off once the faults are to heal.</summary>
    public bool IsRough { get; set; } = true;

    public FaultRates Rates => IsRough ? rates : FaultRates.None;

    public bool Happens(double chance) => chance > 0 && simulator.Random.NextDouble() < chance;

    public int Pick(int count) => simulator.Random.Next(count);

    public TimeSpan Between(double leastSeconds, double mostSeconds) =>
        TimeSpan.FromSeconds(leastSeconds + (simulator.Random.NextDouble() * (mostSeconds - leastSeconds)));

    public Task PassAsync(double leastSeconds, double mostSeconds, CancellationToken cancellationToken = default) =>
        simulator.Delay(Between(leastSeconds, mostSeconds), cancellationToken);
}

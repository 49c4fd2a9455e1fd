namespace Vnetcni.Scale;

/// <summary>What one load cost. Times are seconds of virtual time unless they say otherwise.</summary>
internal sealed record ScaleResult
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required int Seed { get; init; }

    public required int Nodes { get; init; }

    public required int Addresses { get; init; }

    public required double ConvergedSeconds { get; init; }

    /// <summary>See <see cref="FloorOracle"/>; the slowest operation counts up to the poll that may see its end, for Retry-After is kept.</summary>
    public required double FloorSeconds { get; init; }

    public required double SlowestOperationSeconds { get; init; }

    /// <summary>The slowest operation as seen by a client that keeps Retry-After between its polls.</summary>
    public required double SlowestSeenSeconds { get; init; }

    public double TimesFloor => ConvergedSeconds / FloorSeconds;

    public required long Reads { get; init; }

    public required long Writes { get; init; }

    public required long Polls { get; init; }

    public required double PutsPerInterface { get; init; }

    public required int ThrottledFirstMinute { get; init; }

    public required int ThrottledLater { get; init; }

    public required long ApiServerWrites { get; init; }

    public required double RealSeconds { get; init; }

    public required double CpuSeconds { get; init; }

    /// <summary>Calls to ARM until it has converged, by method and resource.</summary>
    public required IReadOnlyDictionary<string, int> Calls { get; init; }

    /// <summary>What replacing pods cost; null where none are replaced.</summary>
    public ChurnResult? Churn { get; init; }

    /// <summary>Calls to ARM in an hour of rest, by method and resource; null where there was none.</summary>
    public IReadOnlyDictionary<string, int>? Rest { get; init; }

    /// <summary>What taking over cost a second operator when all was at rest; null where that is not measured.</summary>
    public TakeoverResult? Takeover { get; init; }

    /// <summary>Of the whole process: operator, simulator, API server and agents together; the operator needs less.</summary>
    public required double PeakMegabytes { get; init; }

    public required int ArmViolations { get; init; }

    /// <summary>How many addresses all nodes held, each second.</summary>
    public required IReadOnlyList<int> Progress { get; init; }

    public IReadOnlyList<string> Missed { get; init; } = [];
}

/// <summary>What replacing pods cost.</summary>
/// <param name="Minutes">For how long, in virtual time.</param>
/// <param name="Pods">Pods that got an address meanwhile.</param>
/// <param name="Waited">Those of them that found none free.</param>
/// <param name="FreeP99Milliseconds">99 of 100 that found a free one had it within this time.</param>
/// <param name="WaitedP99Seconds">99 of 100 of the others.</param>
/// <param name="MostWritesInAMinute">PUTs in the worst minute.</param>
/// <param name="Writes">PUTs.</param>
/// <param name="Reads">Reads, polls included.</param>
/// <param name="ApiServerWrites">Writes to the API server by all, agents included.</param>
internal sealed record ChurnResult(
    int Minutes, int Pods, int Waited, double FreeP99Milliseconds, double WaitedP99Seconds, int MostWritesInAMinute, int Writes, int Reads, long ApiServerWrites);

/// <summary>What taking over cost.</summary>
/// <param name="PeakMegabytes">
/// Managed memory above that before it began, garbage included, also that of the simulators: an upper bound of the operator's own.
/// </param>
/// <param name="LiveMegabytes">The same at the end without garbage.</param>
/// <param name="Calls">Calls to ARM, by method and resource.</param>
/// <param name="Minutes">For how long, in virtual time.</param>
internal sealed record TakeoverResult(double PeakMegabytes, double LiveMegabytes, IReadOnlyDictionary<string, int> Calls, int Minutes);

namespace Vnetcni.Scale;

/// <summary>One load on the operator.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Title">What happens, in words.</param>
/// <param name="Networks">Virtual networks.</param>
/// <param name="NodesEach">Nodes in each.</param>
internal sealed record ScaleCase(string Name, string Title, int Networks, int NodesEach)
{
    /// <summary>Addresses that each node wants from the start, where its pods do not decide.</summary>
    public int Addresses { get; init; }

    /// <summary>Pods of each node from the start; 0 where the number of addresses is given.</summary>
    public int Pods { get; init; }

    /// <summary>Share of all pods that is replaced each minute, once all nodes have what they want.</summary>
    public double ReplacedPerMinute { get; init; }

    /// <summary>How many of the pods replaced begin on one node of each network at once, each minute.</summary>
    public int BurstPods { get; init; }

    /// <summary>Minutes of replacing pods.</summary>
    public int ChurnMinutes { get; init; }

    /// <summary>Most bytes of an operator that takes over when all is at rest, in MB; null for no bound.</summary>
    public int? MostMegabytes { get; init; }

    /// <summary>Most times the floor that converging may take; null for no bound.</summary>
    public double? MostTimesFloor { get; init; }

    /// <summary>Most PUTs per interface until it has converged; null for no bound.</summary>
    public double? MostPutsPerInterface { get; init; }

    /// <summary>Most 429s in the first virtual minute; after it there may be none. Null for no bound.</summary>
    public int? MostThrottledFirst { get; init; }

    /// <summary>Minutes of rest whose calls are counted, once all nodes have what they want.</summary>
    public int RestMinutes { get; init; }

    /// <summary>The loads that bounds were set for: they are what the project is measured by.</summary>
    public static IEnumerable<ScaleCase> Measured => All.Where(static c => c.Name.Length == 1);

    /// <summary>All nodes.</summary>
    public int Nodes => Networks * NodesEach;

    /// <summary>The loads by name.</summary>
    public static IReadOnlyList<ScaleCase> All { get; } =
    [
        new("a", "64 nodes x 250 addresses from nothing", 1, 64) { Addresses = 250, MostTimesFloor = 1.1, MostPutsPerInterface = 1.1 },
        new("b", "900 nodes x 16 warm addresses at once", 1, 900) { Addresses = 16, MostTimesFloor = 1.3, MostThrottledFirst = 5 },
        new("c", "20 networks x 250 nodes x 30 pods, 10 % of the pods replaced a minute", 20, 250) { Pods = 30, ReplacedPerMinute = 0.1, BurstPods = 24, ChurnMinutes = 10, MostMegabytes = 400 },
        new("rest10", "10 nodes at rest for an hour", 1, 10) { Addresses = 16, RestMinutes = 60 },
        new("rest", "1,000 nodes at rest for an hour", 1, 1_000) { Addresses = 15, RestMinutes = 60 },
        new("small", "24 nodes x 100 addresses from nothing", 1, 24) { Addresses = 100, MostTimesFloor = 1.3, MostPutsPerInterface = 1.1, MostThrottledFirst = 0 },
        new("churn", "2 networks x 20 nodes x 30 pods, 10 % of the pods replaced a minute", 2, 20) { Pods = 30, ReplacedPerMinute = 0.1, BurstPods = 24, ChurnMinutes = 5, MostPutsPerInterface = 1.1, MostMegabytes = 100 },
    ];
}

namespace Vnetcni.Lab.Bench;

/// <summary>What the bench shall do.</summary>
/// <param name="Folder">State of the run: sockets, pools, logs. Removed at the end.</param>
/// <param name="Tools">Folder of cnidrv, spawnbench, manymounts, floor, tcprr and pathcost.</param>
/// <param name="Binary">The published CNI binary.</param>
/// <param name="Agent">The published agent.</param>
/// <param name="Peers">Folder of the containernetworking plug-ins that the gates are measured against.</param>
/// <param name="NewerPeers">Folder of another version of them, shown beside; null = none.</param>
/// <param name="Rounds">How often each candidate has its turn.</param>
/// <param name="Check">Whether a missed gate is a failure.</param>
/// <param name="Smoke">A short look whether everything works; its figures mean nothing.</param>
/// <param name="Json">Where the figures go as JSON.</param>
/// <param name="Page">The page whose section of results is rewritten; null = none.</param>
/// <param name="Plot">Where the plot goes; null = nowhere.</param>
internal sealed record BenchOptions(
    string Folder, string Tools, string Binary, string Agent, string Peers, string? NewerPeers, int Rounds, bool Check, bool Smoke, string Json,
    string? Page, string? Plot)
{
    /// <summary>Pods that come and go in one turn.</summary>
    public const int PodsATurn = 40;

    /// <summary>Pods of a full node: the most addresses that a node has for pods.</summary>
    public const int FullNode = 250;

    /// <summary>Mounts of a busy node.</summary>
    public const int Mounts = 3000;

    /// <summary>Pods in one turn; few in a smoke run.</summary>
    public int Pods => Smoke ? 8 : PodsATurn;

    /// <summary>Pods that stay on a full node, so that with those that come and go it is full.</summary>
    public int Residents => Smoke ? 8 : FullNode - PodsATurn;

    /// <summary>Operations at a time.</summary>
    public IReadOnlyList<int> Parallel => Smoke ? [1, 8] : [1, 8, 32];

    /// <summary>Seconds of one measurement of throughput or latency. Short turns, many of them: what else the machine does comes and goes.</summary>
    public const int PathSeconds = 1;

    /// <summary>Turns of each way for throughput and latency.</summary>
    public int PathRounds => Smoke ? 1 : 3 * Rounds;

    /// <summary>Turns of each way where it is measured what it costs.</summary>
    public int CostRounds => Smoke ? 4 : 25 * Rounds;

    /// <summary>How often each kind of way is made: two of the same kind differ by up to a hundredth, by where the kernel has put their things.</summary>
    public int WaysOfAKind => Smoke ? 1 : 3;
}

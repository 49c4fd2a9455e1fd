namespace Vnetcni.Lab.Bench.Figures;

/// <summary>What a bench measured. Also the schema of its JSON.</summary>
/// <param name="Schema">Version of this shape.</param>
/// <param name="Started">When it began.</param>
/// <param name="Machine">Cores and kernel.</param>
/// <param name="Rounds">How often each candidate had its turn.</param>
/// <param name="Smoke">A short run whose figures mean nothing.</param>
/// <param name="Operations">ADD and DEL.</param>
/// <param name="Starts">Starts of the plug-ins' programs.</param>
/// <param name="After">What follows a DEL of ours; cooldown 0 s.</param>
/// <param name="Paths">Throughput and latency between two nodes.</param>
/// <param name="Costs">What a packet's way between two nodes costs.</param>
/// <param name="Programs">Sizes and memory of ours.</param>
internal sealed record BenchResult(
    int Schema, DateTimeOffset Started, string Machine, int Rounds, bool Smoke, IReadOnlyList<OperationFigures> Operations, IReadOnlyList<StartFigures> Starts,
    AfterDelete After, IReadOnlyList<PathFigures> Paths, IReadOnlyList<PathCost> Costs, ProgramFigures Programs)
{
    /// <summary>The version written now.</summary>
    public const int CurrentSchema = 2;
}

/// <summary>One verb of one candidate. Times in ms.</summary>
/// <param name="Candidate">Whose.</param>
/// <param name="Verb">ADD or DEL.</param>
/// <param name="Parallel">Operations at a time.</param>
/// <param name="Residents">Pods that stayed all the while.</param>
/// <param name="Count">Operations measured.</param>
/// <param name="P50">Median.</param>
/// <param name="P99">99 of 100 were quicker.</param>
/// <param name="PerSecond">Median over the rounds.</param>
/// <param name="PluginCpu">CPU of the plug-in's processes for one operation.</param>
/// <param name="AgentCpu">CPU of a long-lived process for one operation.</param>
/// <param name="Errors">Operations that failed.</param>
internal sealed record OperationFigures(
    string Candidate, string Verb, int Parallel, int Residents, int Count, double P50, double P99, double PerSecond, double PluginCpu, double AgentCpu, int Errors);

/// <summary>Starts of one program, from fork to its end, with CNI_COMMAND=VERSION. Medians in ms.</summary>
/// <param name="Candidate">Whose.</param>
/// <param name="Plain">On the machine as it is.</param>
/// <param name="ManyMounts">With 3,000 mounts more.</param>
/// <param name="PeakKiB">Greatest resident memory.</param>
internal sealed record StartFigures(string Candidate, double Plain, double ManyMounts, long PeakKiB)
{
    /// <summary>What the mounts cost.</summary>
    public double MountCost => ManyMounts - Plain;
}

/// <summary>What follows the end of a DEL, in ms, with <c>reuseCooldown: 0s</c>.</summary>
/// <param name="GoneP50">Until the pod's link on the node is gone: median.</param>
/// <param name="GoneP99">The same: 99 of 100.</param>
/// <param name="ReuseP50">Until the next pod's ADD has succeeded where this was the only address: median.</param>
/// <param name="ReuseP99">The same: 99 of 100.</param>
internal sealed record AfterDelete(double GoneP50, double GoneP99, double ReuseP50, double ReuseP99);

/// <summary>One way between two nodes. Medians over the rounds.</summary>
/// <param name="Path">Which.</param>
/// <param name="GigabitsPerSecond">One TCP stream.</param>
/// <param name="TransactionsPerSecond">One byte there and back on one connection.</param>
/// <param name="P50">Of a transaction, in µs.</param>
/// <param name="P99">Of a transaction, in µs.</param>
internal sealed record PathFigures(string Path, double GigabitsPerSecond, double TransactionsPerSecond, double P50, double P99);

/// <summary>What a way costs, with both ends in one thread, and its speed beside another way that had its turns in the same rounds.</summary>
/// <param name="Path">Which.</param>
/// <param name="Beside">The other; the path itself where it is compared with none.</param>
/// <param name="Rounds">How many turns each had.</param>
/// <param name="TransactionNs">CPU time of one byte there and back.</param>
/// <param name="MegabyteNs">CPU time of 2^20 bytes of a stream.</param>
/// <param name="Transactions">How many times as many transactions as the other.</param>
/// <param name="Stream">How many times as many bytes as the other.</param>
internal sealed record PathCost(
    string Path, string Beside, int Rounds, double TransactionNs, double MegabyteNs, Interval Transactions, Interval Stream);

/// <summary>Sizes in bytes and memory in KiB of our programs.</summary>
/// <param name="BinaryBytes">The CNI binary.</param>
/// <param name="BinaryIsStatic">It names no interpreter.</param>
/// <param name="AgentBytes">The agent.</param>
/// <param name="AgentResidentKiB">The agent's VmRSS with 250 pods, after the run.</param>
/// <param name="AgentAnonymousKiB">The agent's RssAnon then.</param>
/// <param name="AgentThreads">Its threads then.</param>
internal sealed record ProgramFigures(long BinaryBytes, bool BinaryIsStatic, long AgentBytes, long AgentResidentKiB, long AgentAnonymousKiB, int AgentThreads);

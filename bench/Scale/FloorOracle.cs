namespace Vnetcni.Scale;

/// <summary>
/// The least time that a load can take, from Azure's documented limits and the operations drawn; it shares no code with the operator or
/// the simulator. Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
/// </summary>
internal static class FloorOracle
{
    // A write goes under the ETag of a read, an operation's end is seen by a poll, and only a read tells what came of it. Where the
    // interfaces are, a few pages tell for all.
    private const int ReadsPerNode = 3;
    private const int WritesPerNode = 1;

    // A network needs its ranges and its usages.
    private const int ReadsPerNetwork = 2;

    public static TimeSpan Of(int nodes, int networks, TimeSpan slowestOperation)
    {
        var reads = (nodes * ReadsPerNode) + (networks * ReadsPerNetwork);
        var writes = nodes * WritesPerNode;
        double[] seconds =
        [
            slowestOperation.TotalSeconds,
            Bucket(reads, 250, 25),
            Bucket(writes, 200, 10),
            Windows(writes, 1_000),
            Windows(reads, 10_000),
        ];
        return TimeSpan.FromSeconds(seconds.Max());
    }

    private static double Bucket(int calls, int size, int perSecond) => Math.Max(0, (double)(calls - size) / perSecond);

    // All but the last window are used up; the last is as long as its calls take, which the bucket says.
    private static double Windows(int calls, int each) => (calls - 1) / each * 300.0;
}

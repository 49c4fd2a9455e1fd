using System.Globalization;
using Vnetcni.Lab.E2e.Cluster;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>Time that ADDs took in a node's agent, by its metrics.</summary>
/// <param name="Seconds">Sum of all.</param>
/// <param name="Calls">How many.</param>
internal readonly record struct CniTimes(double Seconds, double Calls)
{
    /// <summary>Reads all nodes.</summary>
    public static async Task<CniTimes> ReadAsync(E2eLab lab, CancellationToken cancellationToken)
    {
        var sum = default(CniTimes);
        foreach (var node in lab.Nodes.Values)
            sum += await ReadAsync(node, cancellationToken);
        return sum;
    }

    public static CniTimes operator +(CniTimes a, CniTimes b) => new(a.Seconds + b.Seconds, a.Calls + b.Calls);

    public static CniTimes operator -(CniTimes a, CniTimes b) => new(a.Seconds - b.Seconds, a.Calls - b.Calls);

    /// <summary>Mean, in seconds.</summary>
    public double Mean => Calls > 0 ? Seconds / Calls : double.NaN;

    private static async Task<CniTimes> ReadAsync(KubeNode node, CancellationToken cancellationToken)
    {
        var text = await node.Space.RunAsync("curl", ["-sS", "--max-time", "5", "http://127.0.0.1:9468/metrics"], cancellationToken);
        double Sum(string name) => text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains("result=\"ok\"", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
        return new CniTimes(Sum("vnetcni_agent_add_duration_seconds_sum"), Sum("vnetcni_agent_add_duration_seconds_count"));
    }
}

using System.Diagnostics.Metrics;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Instruments of the pools; no label names an object.</summary>
internal static class Metrics
{
    private static readonly Meter Meter = new(OperatorMeters.Name);
    private static readonly Counter<long> Puts =
        Meter.CreateCounter<long>("vnetcni.nic.puts", "{put}", "PUTs of network interfaces, by result.");

    private static readonly Counter<long> Addresses =
        Meter.CreateCounter<long>("vnetcni.nic.addresses", "{address}", "Addresses added to and removed from interfaces.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "vnetcni.nic.put.duration",
        "s",
        "From the PUT to the read that confirms it.",
        null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300] });

    private static readonly Counter<long> DryRun =
        Meter.CreateCounter<long>("vnetcni.nic.dry_run", "{put}", "PUTs that a dry run kept back.");

    public static void Put(string result) => Puts.Add(1, new KeyValuePair<string, object?>("result", result));

    public static void Changed(int added, int removed, TimeSpan? took)
    {
        Addresses.Add(added, new KeyValuePair<string, object?>("change", "added"));
        Addresses.Add(removed, new KeyValuePair<string, object?>("change", "removed"));
        if (took is { } time)
            Duration.Record(time.TotalSeconds);
    }

    public static void Would() => DryRun.Add(1);
}

using System.Diagnostics.Metrics;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>Instruments of the controller of nodes.</summary>
internal static class Metrics
{
    private static readonly Meter Meter = new(OperatorMeters.Name);
    private static readonly Counter<long> Pools =
        Meter.CreateCounter<long>("vnetcni.pools.changes", "{pool}", "Pools made, updated, overridden and deleted.");

    private static readonly Counter<long> Untaints =
        Meter.CreateCounter<long>("vnetcni.nodes.untainted", "{node}", "Nodes whose start-up taint was taken off.");

    public static void Untainted() => Untaints.Add(1);

    public static void Pool(string change) => Pools.Add(1, new KeyValuePair<string, object?>("change", change));
}

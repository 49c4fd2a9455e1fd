using System.Diagnostics.Metrics;

namespace Vnetcni.Operator.Controllers.NodeIpPoolClasses;

/// <summary>Instruments of the classes. Label: the class's name; there are few.</summary>
internal static class Metrics
{
    private static readonly Meter Meter = new(OperatorMeters.Name);
    private static readonly Gauge<int> Addresses =
        Meter.CreateGauge<int>("vnetcni.class.addresses", "{address}", "Addresses of a class's nodes, by state (used, free, held).");

    private static readonly Gauge<int> Nodes = Meter.CreateGauge<int>("vnetcni.class.nodes", "{node}", "Nodes of a class.");

    public static void Class(string name, int nodes, int used, int free, int held)
    {
        Nodes.Record(nodes, new KeyValuePair<string, object?>("class", name));
        Report(name, "used", used);
        Report(name, "free", free);
        Report(name, "held", held);
    }

    private static void Report(string name, string state, int value) => Addresses.Record(value, new("class", name), new("state", state));
}

using System.Diagnostics.Metrics;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Instruments of the budgets. Label: the object's name; there are few.</summary>
internal static class Metrics
{
    private static readonly Meter Meter = new(OperatorMeters.Name);
    private static readonly Counter<long> Rounds =
        Meter.CreateCounter<long>("vnetcni.budget.rounds", "{round}", "Writes of a virtual network's budget, by result.");

    private static readonly Gauge<int> Addresses =
        Meter.CreateGauge<int>("vnetcni.budget.addresses", "{address}", "Pod addresses of a virtual network, by state (used, in_flight, free).");

    public static void Round(string result) => Rounds.Add(1, new KeyValuePair<string, object?>("result", result));

    public static void Budget(string network, int used, int inFlight, int free)
    {
        Report(network, "used", used);
        Report(network, "in_flight", inFlight);
        Report(network, "free", free);
    }

    private static void Report(string network, string state, int value) =>
        Addresses.Record(value, new("virtual_network", network), new("state", state));
}

using System.Diagnostics.Metrics;
using System.Globalization;
using Vnetcni.Operator.Controllers;

namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>Instruments of the calls to ARM; no label names a subscription or a resource.</summary>
internal static class Metrics
{
    private static readonly Meter Meter = new(OperatorMeters.Name);
    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("vnetcni.arm.calls", "{call}", "Calls to ARM, by operation and answer.");
    private static readonly Counter<long> ThrottledCalls = Meter.CreateCounter<long>("vnetcni.arm.throttled", "{call}", "Calls that ARM throttled.");
    private static readonly Gauge<double> Tokens = Meter.CreateGauge<double>("vnetcni.arm.tokens", "{call}", "Calls that may go at once, in the subscription that has the fewest.");
    private static readonly Gauge<int> Breaker = Meter.CreateGauge<int>("vnetcni.arm.breaker.open", "{state}", "1 while calls are stopped since ARM does not answer, else 0.");

    private static readonly Histogram<double> Waits = Meter.CreateHistogram(
        "vnetcni.arm.wait",
        "s",
        "How long a call waited for quota.",
        null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.1, 0.5, 1, 2, 5, 10, 20] });

    /// <summary>Status as a label: those that ARM is known to use, and groups of the others.</summary>
    public static string CodeOf(int status) => status switch
    {
        200 or 201 or 202 or 204 or 400 or 401 or 403 or 404 or 409 or 412 or 429 => status.ToString(CultureInfo.InvariantCulture),
        >= 500 => "5xx",
        >= 400 => "4xx",
        _ => "other",
    };

    public static void Called(ArmCall call, string code, double usable, bool open)
    {
        var operation = Operation(call.Operation);
        Calls.Add(1, operation, new KeyValuePair<string, object?>("code", code));
        var quota = Operation(call.IsWrite ? "write" : "read");
        Tokens.Record(Math.Max(0, Math.Floor(usable)), quota);
        Breaker.Record(open ? 1 : 0, quota);
    }

    public static void Throttled(ArmCall call) => ThrottledCalls.Add(1, Operation(call.Operation));

    public static void Waited(ArmCall call, TimeSpan wait) => Waits.Record(wait.TotalSeconds, Operation(call.Operation));

    private static KeyValuePair<string, object?> Operation(string name) => new("operation", name);
}

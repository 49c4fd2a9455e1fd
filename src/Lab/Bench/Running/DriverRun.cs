using System.Globalization;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>One line of cnidrv's JSON.</summary>
/// <param name="Verb">ADD, DEL, GONE or REUSE.</param>
/// <param name="Samples">Each operation, in ms.</param>
/// <param name="PerSecond">Operations a second.</param>
/// <param name="PluginCpu">CPU of the plug-in's processes for one operation, in ms.</param>
/// <param name="AgentCpu">CPU of the agent for one operation, in ms.</param>
/// <param name="PeakKiB">Greatest resident memory of a plug-in's process.</param>
/// <param name="Errors">Operations that failed.</param>
internal sealed record DriverRun(
    string Verb, IReadOnlyList<double> Samples, double PerSecond, double PluginCpu, double AgentCpu, long PeakKiB, int Errors)
{
    /// <summary>Reads what cnidrv printed. Throws <see cref="FormatException"/> when that is not its JSON.</summary>
    public static IReadOnlyList<DriverRun> Parse(string output)
    {
        try
        {
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Read(JsonNode.Parse(line)!.AsObject()))];
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException($"cnidrv printed something else than its figures: {output}", e);
        }
    }

    private static DriverRun Read(JsonObject line) => new(
        line["op"]!.GetValue<string>(),
        [.. line["ms"]!.AsArray().Select(sample => sample!.GetValue<double>())],
        Number(line, "per_s"),
        Number(line, "user_ms") + Number(line, "sys_ms"),
        Number(line, "agent_user_ms") + Number(line, "agent_sys_ms"),
        (long)Number(line, "maxrss_kb"),
        (int)Number(line, "errors"));

    private static double Number(JsonObject line, string name) =>
        double.Parse(line[name]!.ToJsonString(), CultureInfo.InvariantCulture);
}

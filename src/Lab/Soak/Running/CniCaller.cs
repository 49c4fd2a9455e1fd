using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>What a call of the CNI binary came to.</summary>
/// <param name="ExitCode">0, or not; meaningless when it was killed.</param>
/// <param name="Killed">It was ended by SIGKILL.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Took">From the start of the process to its end.</param>
/// <param name="Ended">Timestamp of its end, which may lie well before the caller goes on.</param>
internal sealed record CniAnswer(int ExitCode, bool Killed, string Output, TimeSpan Took, long Ended)
{
    private const int TryAgainLater = 11;
    private const int NoAddress = 100;

    /// <summary>Succeeded.</summary>
    public bool Done => !Killed && ExitCode == 0;

    /// <summary>The CNI error code; 0 where there is none.</summary>
    public int Code => Parse()?["code"]?.GetValue<int>() ?? 0;

    /// <summary>The error's words.</summary>
    public string Message => Parse() is { } error ? $"{error["msg"]}; {error["details"]}" : $"exit code {ExitCode}, output '{Output}'";

    /// <summary>Whether the runtime is told to come again: the agent is away or stops, or the pool has no address for now.</summary>
    public bool Retryable => Code is TryAgainLater or NoAddress;

    private JsonNode? Parse()
    {
        try
        {
            return JsonNode.Parse(Output) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Runs the CNI binary in a machine's namespace as its container runtime does. Can kill it half-way.</summary>
internal sealed class CniCaller(string binary)
{
    /// <summary>One call.</summary>
    /// <param name="verb">CNI_COMMAND.</param>
    /// <param name="node">The machine.</param>
    /// <param name="pod">Name of the pod.</param>
    /// <param name="containerId">CNI_CONTAINERID.</param>
    /// <param name="netns">CNI_NETNS.</param>
    /// <param name="ifname">CNI_IFNAME.</param>
    /// <param name="previous">The ADD's result, for CHECK and DEL; null where there was none.</param>
    /// <param name="killAfter">SIGKILL this long after the start; null: never.</param>
    public async Task<CniAnswer> CallAsync(
        string verb, LabNode node, string pod, string containerId, string netns, string ifname = "eth0", JsonObject? previous = null, TimeSpan? killAfter = null)
    {
        var start = new ProcessStartInfo("nsenter", [$"--net={node.Space.Path}", "--", binary])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["CNI_COMMAND"] = verb;
        start.Environment["CNI_CONTAINERID"] = containerId;
        start.Environment["CNI_NETNS"] = netns;
        start.Environment["CNI_IFNAME"] = ifname;
        start.Environment["CNI_PATH"] = Path.GetDirectoryName(binary)!;
        start.Environment["CNI_ARGS"] = $"IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={pod};K8S_POD_INFRA_CONTAINER_ID={containerId}";
        start.Environment["VNETCNI_SOCKET"] = node.Socket;

        var began = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start) ?? throw new ShellException("nsenter did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await WriteAsync(process, ConfigOf(previous));
        var killed = killAfter is { } after && await KillAsync(process, after);
        await process.WaitForExitAsync();
        var took = TimeProvider.System.GetElapsedTime(began);
        var ended = EndOf(process, began);
        _ = await error;
        // 128 + SIGKILL, as a shell counts.
        return new CniAnswer(process.ExitCode, killed && process.ExitCode == 137, await output, took, ended);
    }

    private static string ConfigOf(JsonObject? previous)
    {
        var config = new JsonObject { ["cniVersion"] = "1.0.0", ["name"] = "vnet", ["type"] = "vnetcni" };
        if (previous is not null)
            config["prevResult"] = previous.DeepClone();
        return config.ToJsonString(JsonSerializerOptions.Default);
    }

    // The time of day only tells how long ago it was. One that was set meanwhile leads to nothing beyond the call.
    private static long EndOf(Process process, long began)
    {
        var ago = TimeProvider.System.GetUtcNow().UtcDateTime - process.ExitTime.ToUniversalTime();
        var now = TimeProvider.System.GetTimestamp();
        return Math.Clamp(now - (long)(ago.TotalSeconds * TimeProvider.System.TimestampFrequency), began, now);
    }

    private static async Task WriteAsync(Process process, string config)
    {
        try
        {
            await process.StandardInput.WriteAsync(config);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything: its exit code says why.
            return;
        }
    }

    private static async Task<bool> KillAsync(Process process, TimeSpan after)
    {
        using var limit = new CancellationTokenSource(after, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            try
            {
                process.Kill();
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception)
            {
                // It ended by itself between the two.
                return false;
            }

            return true;
        }
    }

    /// <summary>A container id like a runtime's: letters and digits, never used twice in a run.</summary>
    public static string ContainerId(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:x8}{(uint)number * 2654435761u:x8}");
}

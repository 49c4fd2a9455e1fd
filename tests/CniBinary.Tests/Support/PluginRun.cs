using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>What a run of the binary left.</summary>
public sealed record PluginResult(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public int Code => Json.GetProperty("code").GetInt32();

    public string Text => Json.GetProperty("msg").GetString() + " " + (Json.TryGetProperty("details", out var details) ? details.GetString() : "");
}

/// <summary>Runs the binary as a runtime does: variables, configuration on stdin, result on stdout.</summary>
public static class PluginRun
{
    public static string Config(string version = "1.1.0", string more = "") =>
        $$"""{"cniVersion":"{{version}}","name":"vnet","type":"vnetcni"{{more}}}""";

    public static Process Start(string binary, IReadOnlyDictionary<string, string> variables, byte[] config)
    {
        var start = new ProcessStartInfo(binary)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        try
        {
            process.StandardInput.BaseStream.Write(config);
            process.StandardInput.Close();
        }
        catch (IOException) when (config.Length > 64 * 1024)
        {
            // It stopped reading at its limit.
        }

        return process;
    }

    public static async Task<PluginResult> FinishAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var result = new PluginResult(process.ExitCode, await output, await errors);
        process.Dispose();
        return result;
    }

    public static Task<PluginResult> RunAsync(string binary, IReadOnlyDictionary<string, string> variables, string config) =>
        FinishAsync(Start(binary, variables, Encoding.UTF8.GetBytes(config)));
}

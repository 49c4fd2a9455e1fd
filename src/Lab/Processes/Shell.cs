using System.Diagnostics;
using System.Text;

namespace Vnetcni.Lab.Processes;

/// <summary>Runs a short command to its end. The lab is no hot path: it calls ip, nft and kubectl as a person would.</summary>
internal static class Shell
{
    /// <summary>Runs and returns standard output; throws <see cref="ShellException"/> on a non-zero exit code.</summary>
    public static async Task<string> RunAsync(
        string file, IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var result = await TryRunAsync(file, arguments, cancellationToken, input, environment);
        return result.ExitCode == 0
            ? result.Output
            : throw new ShellException($"{file} {string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Error.Trim()}{result.Output.Trim()}");
    }

    /// <summary>Runs and returns exit code, standard output and standard error.</summary>
    public static async Task<ShellResult> TryRunAsync(
        string file, IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        using var process = Process.Start(start) ?? throw new ShellException($"{file} did not start");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        return new ShellResult(process.ExitCode, await output, await error);
    }
}

/// <summary>What a command left.</summary>
internal sealed record ShellResult(int ExitCode, string Output, string Error);

/// <summary>A command failed; the message has its words and its standard error.</summary>
internal sealed class ShellException(string message) : Exception(message);

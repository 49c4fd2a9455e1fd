using System.Diagnostics;

namespace Vnetcni.Lab.Processes;

/// <summary>A long-running child whose output goes to a file. Ends with the lab.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly Process _process;

    private Daemon(string name, string log, Process process)
    {
        Name = name;
        Log = log;
        _process = process;
        Id = process.Id;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Where its output goes.</summary>
    public string Log { get; }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>
    /// Starts the command; with a namespace, inside it (nsenter keeps the mount namespace, so unix sockets and netns files
    /// stay visible). The shell in between appends to the log and is replaced by the command.
    /// </summary>
    public static Daemon Start(
        string name, string log, string? networkNamespace, string file, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var command = new List<string> { "-c", "exec \"$@\" >> \"$0\" 2>&1 < /dev/null", log };
        if (networkNamespace is not null)
            command.AddRange(["nsenter", $"--net=/run/netns/{networkNamespace}", "--"]);
        command.Add(file);
        command.AddRange(arguments);

        var start = new ProcessStartInfo("/bin/sh", command);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        return new Daemon(name, log, Process.Start(start) ?? throw new ShellException($"{name} did not start"));
    }

    /// <summary>SIGKILL: it gets no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and SIGKILL after <paramref name="patience"/>. Its exit code.</summary>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            await Shell.TryRunAsync("kill", ["-TERM", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)], CancellationToken.None);
            using var limit = new CancellationTokenSource(patience, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
            }
        }

        return _process.ExitCode;
    }

    /// <summary>The last lines of its log, for a message.</summary>
    public string Tail(int lines = 15) =>
        File.Exists(Log) ? string.Join('\n', File.ReadLines(Log).TakeLast(lines)) : "(no log)";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>How long pods take from scheduled to Ready, seen by a watch, since the API server's own times are whole seconds.</summary>
internal sealed class PodStarts : IAsyncDisposable
{
    private readonly Process _watch;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _scheduled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _took = new(StringComparer.Ordinal);

    private PodStarts(Process watch)
    {
        _watch = watch;
        _reading = ReadAsync(watch.StandardOutput);
    }

    /// <summary>Starts watching the web pods.</summary>
    public static PodStarts Watch(string kubeConfig) => new(Process.Start(new ProcessStartInfo(
        "kubectl", ["--kubeconfig", kubeConfig, "get", "pods", "-l", "app=web", "-w", "--no-headers", "-o",
        """custom-columns=UID:.metadata.uid,SCHEDULED:.status.conditions[?(@.type=="PodScheduled")].status,READY:.status.conditions[?(@.type=="Ready")].status"""])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    /// <summary>Each pod's time so far.</summary>
    public IReadOnlyList<TimeSpan> Times
    {
        get
        {
            lock (_gate)
                return [.. _took.Values.Order()];
        }
    }

    /// <summary>The q-th quantile of sorted times.</summary>
    public static double Quantile(IReadOnlyList<TimeSpan> sorted, double q) => sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(q * sorted.Count) - 1)].TotalSeconds;

    /// <summary>p50 and p99 in words.</summary>
    public override string ToString()
    {
        var times = Times;
        return string.Create(CultureInfo.InvariantCulture, $"{times.Count} pods, scheduled → Ready p50 {Quantile(times, 0.5):0.00} s, p99 {Quantile(times, 0.99):0.00} s");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_watch.HasExited)
            _watch.Kill();
        await _watch.WaitForExitAsync();
        await _reading;
        _watch.Dispose();
    }

    // A line for each change: the pod's uid, and whether it is scheduled and ready.
    private async Task ReadAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3)
                continue;
            var now = TimeProvider.System.GetTimestamp();
            lock (_gate)
            {
                if (words[1] == "True")
                    _scheduled.TryAdd(words[0], now);
                if (words[2] == "True" && _scheduled.TryGetValue(words[0], out var since))
                    _took.TryAdd(words[0], TimeProvider.System.GetElapsedTime(since, now));
            }
        }
    }
}

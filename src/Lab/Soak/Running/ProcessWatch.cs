using System.Globalization;
using Vnetcni.Lab.Processes;
using Vnetcni.Lab.Soak.Figures;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>Looks at memory and descriptors of agents and operators, through /proc.</summary>
internal static class ProcessWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Looks now and then until cancelled.</summary>
    public static async Task RunAsync(SoakContext soak, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Look(soak);
            try
            {
                await Task.Delay(Pause, TimeProvider.System, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>One look at each that runs.</summary>
    public static void Look(SoakContext soak)
    {
        Daemon[] operators;
        lock (soak.Lab.Operators)
            operators = [.. soak.Lab.Operators];
        foreach (var process in soak.Lab.Nodes.Select(node => node.Agent).OfType<Daemon>().Concat(operators))
        {
            if (process.HasExited)
                continue;
            try
            {
                var folder = $"/proc/{process.Id}";
                // The shell in between is there for a moment.
                if (!File.ReadAllText($"{folder}/comm").StartsWith("Vnetcni", StringComparison.Ordinal))
                    continue;
                var line = File.ReadLines($"{folder}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
                var memory = long.Parse(new string([.. line.Where(char.IsAsciiDigit)]), CultureInfo.InvariantCulture);
                soak.Growth.Add(process.Name, process.Id, new ProcessSample(soak.Now, memory, Directory.EnumerateFileSystemEntries($"{folder}/fd").Count()));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
            {
                // It was killed between the two looks.
                _ = e;
            }
        }
    }
}

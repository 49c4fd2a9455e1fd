using System.Diagnostics;

namespace Vnetcni.Lab.Processes;

/// <summary>Ends what a lab that was killed left running: only processes whose command line names this lab's folder.</summary>
internal static class LeftOverProcesses
{
    /// <summary>Kills them and waits until they are gone.</summary>
    public static async Task EndAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), out var id) || id == Environment.ProcessId)
                continue;
            try
            {
                var words = (await File.ReadAllTextAsync(Path.Combine(entry, "cmdline"), cancellationToken)).Split('\0');
                var ours = words[0].Contains("Vnetcni.", StringComparison.Ordinal) && words.Any(w => w.Contains(folder + "/", StringComparison.Ordinal));
                if (!ours)
                    continue;
                using var process = Process.GetProcessById(id);
                process.Kill();
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // It ended by itself between the two looks.
                _ = e;
            }
        }
    }
}

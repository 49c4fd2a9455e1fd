using System.Globalization;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>Memory and threads of a process, by /proc/PID/status.</summary>
/// <param name="ResidentKiB">VmRSS.</param>
/// <param name="AnonymousKiB">RssAnon: heaps and stacks.</param>
/// <param name="Threads">Threads.</param>
internal sealed record ProcessMemory(long ResidentKiB, long AnonymousKiB, int Threads)
{
    /// <summary>As it is now. Throws <see cref="IOException"/> when the process is gone.</summary>
    public static ProcessMemory Of(int process) =>
        Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")));

    /// <summary>Reads the text of that file. Throws <see cref="IOException"/> when it lacks a line, as a dying process's does.</summary>
    public static ProcessMemory Parse(string status) =>
        new(Number(status, "VmRSS:"), Number(status, "RssAnon:"), (int)Number(status, "Threads:"));

    private static long Number(string status, string name)
    {
        var line = status.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?? throw new IOException($"no {name} in the status of a process: it is ending");
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}

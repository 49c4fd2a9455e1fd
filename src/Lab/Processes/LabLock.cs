namespace Vnetcni.Lab.Processes;

/// <summary>
/// One lab at a time on a machine: its network namespaces, bridges and addresses have fixed names, and each lab sweeps at its start what an
/// earlier one left. The kernel gives it back when the process ends, however it ends.
/// </summary>
internal static class LabLock
{
    /// <summary>Where the labs of a machine meet.</summary>
    public const string Path = "/run/vnetcni-lab.lock";

    // EWOULDBLOCK of flock(2), which FileShare.None takes.
    private const int Held = 11;

    /// <summary>Takes it; disposing gives it back. Null, and a text for people, when somebody has it.</summary>
    /// <exception cref="IOException">The file cannot be opened for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static IDisposable? TryTake(string path, out string refusal)
    {
        try
        {
            refusal = string.Empty;
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException e) when (e.HResult == Held)
        {
            refusal = $"Another lab (demo or soak) runs on this machine and holds {path} (fuser {path} names it). Two would take each other's namespaces and addresses: wait for its end, or end it with Ctrl-C.";
            return null;
        }
    }
}

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>net.ipv4.ip_forward of the calling thread's network namespace.</summary>
internal static class Forwarding
{
    private const string Path = "/proc/sys/net/ipv4/ip_forward";

    /// <summary>Switches it on. In a container /proc/sys may be read-only; then it must be on already.</summary>
    public static void Enable()
    {
        if (File.ReadAllText(Path).AsSpan().Trim() is "1")
            return;
        try
        {
            File.WriteAllText(Path, "1");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DataplaneException(
                DataplaneFault.Kernel,
                $"net.ipv4.ip_forward is 0 and {Path} can't be written ({exception.Message}); "
                + "set it on the node: sysctl -w net.ipv4.ip_forward=1",
                Errno.ReadOnlyFileSystem);
        }
    }
}

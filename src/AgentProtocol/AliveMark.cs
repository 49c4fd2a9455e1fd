using System.Text;
using Vnetcni.AgentProtocol.Unix;

namespace Vnetcni.AgentProtocol;

/// <summary>
/// The file that the agent touches while it serves. It holds the boot id: after a reboot an old file means nothing, even
/// where the folder outlived it. It is never removed at a stop.
/// </summary>
public static class AliveMark
{
    /// <summary>Older than this, the agent counts as gone.</summary>
    public static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(60);

    /// <summary>How often the agent touches it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Makes or touches the file.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Touch(string path, string bootId, DateTimeOffset now)
    {
        if (!File.Exists(path) || !string.Equals(ReadBootId(path), bootId, StringComparison.Ordinal))
            PrivateFile.Write(path, Encoding.ASCII.GetBytes(bootId + "\n"));
        File.SetLastWriteTimeUtc(path, now.UtcDateTime);
    }

    /// <summary>
    /// Why an agent that does not answer counts as not available, or null while its absence is still short: a restart must
    /// not turn the node NotReady.
    /// </summary>
    public static string? AbsenceFault(string path, string bootId, DateTimeOffset now)
    {
        if (!File.Exists(path))
            return $"it has not served on this boot yet ({path} is missing)";
        if (!string.Equals(ReadBootId(path), bootId, StringComparison.Ordinal))
            return $"it has not served on this boot yet ({path} is of another boot)";
        var age = now - new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        return age > LongestAbsence
            ? $"it has been gone for {(long)age.TotalSeconds} s, more than {(int)LongestAbsence.TotalSeconds} s"
            : null;
    }

    private static string ReadBootId(string path)
    {
        using var handle = File.OpenHandle(path);
        Span<byte> buffer = stackalloc byte[64];
        return Encoding.ASCII.GetString(buffer[..RandomAccess.Read(handle, buffer, 0)]).Trim();
    }
}

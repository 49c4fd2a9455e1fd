using System.Text;

namespace Vnetcni.AgentProtocol;

/// <summary>Tells one boot of the machine from the next.</summary>
/// <remarks>Source: https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html, random/boot_id.</remarks>
public static class BootId
{
    private const string Source = "/proc/sys/kernel/random/boot_id";

    /// <summary>The kernel's boot id, a UUID in text.</summary>
    /// <exception cref="IOException">/proc can't be read.</exception>
    public static string Read() => Encoding.ASCII.GetString(File.ReadAllBytes(Source)).Trim();
}

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>net.ipv4.ip_forward of the calling thread's network namespace.</summary>
internal static class Forwarding
{
    /// <inheritdoc cref="Sysctl.Require"/>
    public static void Enable() => Sysctl.Require("net.ipv4.ip_forward", "1");
}

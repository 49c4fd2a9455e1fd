using Vnetcni.Dataplane.Linux.Node;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>Sysctls that bridge mode needs.</summary>
internal static class BridgeSettings
{
    private const string CallIptables = "net.bridge.bridge-nf-call-iptables";

    /// <summary>
    /// Bridged packets meet iptables and nftables, or services and connection tracking would see one direction only. No
    /// redirects, where that can be set: what comes from a pod by the bridge leaves by the bridge, and the node would tell the pod of a
    /// shorter way. Pods do not follow: the redirect is not from their next hop.
    /// </summary>
    /// <exception cref="DataplaneException">The module is missing, or bridged packets can't be made to meet the rules.</exception>
    public static void Enable()
    {
        if (!File.Exists(Sysctl.PathOf(CallIptables)))
            throw new DataplaneException(
                DataplaneFault.Kernel, $"bridge mode needs {CallIptables}, and the kernel does not have it: modprobe br_netfilter", Errno.NoEntry);
        Sysctl.Require(CallIptables, "1");
        _ = Sysctl.TrySet("net.ipv4.conf.all.send_redirects", "0");
        _ = Sysctl.TrySet("net.ipv4.conf.default.send_redirects", "0");
    }
}

using System.Net;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Pods;

/// <summary>
/// What a pod sees, the same in both modes: it sends everything to one link-local next hop, the node. The node has a /32 route
/// to the pod, by the host end of its veth or, in bridge mode, by the bridge. Permanent neighbours on both sides leave nothing
/// to resolve.
/// </summary>
internal static class PodSide
{
    /// <summary>The next hop that every pod sees; no interface has it.</summary>
    public static readonly IPAddress Gateway = IPAddress.Parse("169.254.1.1");

    /// <summary>
    /// Settings of the host end in transparent mode. rp_filter 1: a pod can send from its own address only. proxy_arp 1: a pod that lost the
    /// permanent neighbour (a virtual machine in it, say) still finds the next hop. No redirects: every pod is behind us.
    /// </summary>
    public static ReadOnlySpan<(ushort Setting, uint Value)> HostSettings =>
        new (ushort, uint)[]
        {
            (InetConf.Forwarding, 1),
            (InetConf.ProxyArp, 1),
            (InetConf.SendRedirects, 0),
            (InetConf.ReversePathFilter, 1),
        };
}

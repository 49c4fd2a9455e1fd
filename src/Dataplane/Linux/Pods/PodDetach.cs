using System.Net;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Node;

namespace Vnetcni.Dataplane.Linux.Pods;

/// <summary>Cuts a pod off in one send; deleting the link, which is slow, is left to the reaper.</summary>
internal static class PodDetach
{
    /// <summary>
    /// False when there is no such link of ours, or it is detached already. A link that was being made and could not be undone has
    /// no alias that a sweep would know it by: it is deleted at once.
    /// </summary>
    /// <param name="host">The node's socket.</param>
    /// <param name="name">Of the host end.</param>
    /// <param name="address">The pod's.</param>
    /// <param name="held">The address is to have its unreachable route when no stand-in is for it.</param>
    /// <param name="sweepGroup">Where it goes.</param>
    /// <param name="birthGroup">Where a link without an alias is ours.</param>
    /// <param name="bridge">Null in transparent mode.</param>
    public static bool Run(NetlinkSocket host, string name, IPAddress address, bool held, uint sweepGroup, uint birthGroup, NodeBridge? bridge)
    {
        var link = host.FindLink(name);
        // What hangs on the bridge does not go with the link. Another pod's entries have another MAC, or a port that is there.
        if (link is null)
            bridge?.ForgetWithoutPort(host, address);
        // A stand-in that went with its pod's namespace took no route along. Mostly the route is there.
        if (link is null && held)
            PodStandIn.Restore(host, address);
        if (link is not null && SweepGroup.IsUnfinished(link, birthGroup))
        {
            SweepGroup.Delete(host, link);
            return false;
        }

        if (link is null || !link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal))
            return false;
        if (link.Group == sweepGroup && !link.Up)
            return false;
        bridge?.Forget(host, address, PodPair.PodMac(link.Alias));
        var writer = host.Write(stackalloc byte[256]);
        writer.DeleteLinkRoute(address, link.Index);
        writer.LinkDown(link.Index, sweepGroup);
        var routed = true;
        foreach (var failure in host.Send(writer))
        {
            routed &= failure.Index != 0;
            var isRoute = failure.Index == 0;
            // The route may be gone (ESRCH), and the link too when the pod's namespace died meanwhile.
            if (isRoute && failure.Errno is Errno.NoProcess or Errno.NoDevice)
                continue;
            if (!isRoute && failure.Errno == Errno.NoDevice)
                return false;
            throw failure.ToException(isRoute ? $"deleting the route to {address} by {name}" : $"taking {name} down into group {sweepGroup}");
        }
        // Without a route it stood in for another plug-in's interface; on a bridge the route is the bridge's.
        if (!routed && link.Master == 0 && held)
            PodStandIn.Restore(host, address);
        return true;
    }
}

using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;

namespace Vnetcni.Dataplane.Linux.Transparent;

/// <summary>Cuts a pod off in one send; deleting the link, which is slow, is left to the reaper.</summary>
internal static class TransparentDetach
{
    /// <summary>False when there is no such link of ours, or it is detached already.</summary>
    public static bool Run(NetlinkSocket host, string name, IPAddress address, uint sweepGroup)
    {
        var link = host.FindLink(name);
        if (link is null || !link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal))
            return false;
        if (link.Group == sweepGroup && !link.Up)
            return false;
        var writer = host.Write(stackalloc byte[256]);
        writer.DeleteLinkRoute(address, link.Index);
        writer.LinkDown(link.Index, sweepGroup);
        foreach (var failure in host.Send(writer))
        {
            var isRoute = failure.Index == 0;
            // The route may be gone (ESRCH), and the link too when the pod's namespace died meanwhile.
            if (isRoute && failure.Errno is Errno.NoProcess or Errno.NoDevice)
                continue;
            if (!isRoute && failure.Errno == Errno.NoDevice)
                return false;
            throw failure.ToException(isRoute ? $"deleting the route to {address} by {name}" : $"taking {name} down into group {sweepGroup}");
        }
        return true;
    }
}

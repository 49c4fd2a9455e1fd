using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;

namespace Vnetcni.Dataplane.Linux.Pods;

/// <summary>Makes an attachment in three sends: the pair, the host's side, the pod's side.</summary>
/// <param name="request">What to make.</param>
/// <param name="pod">Where.</param>
/// <param name="mtu">Bytes.</param>
/// <param name="birthGroup">Group of the host end until it has its alias.</param>
/// <param name="bridge">The bridge that the host end becomes a port of; null in transparent mode.</param>
internal sealed class PodAttach(AttachRequest request, LinuxPodNamespace pod, int mtu, uint birthGroup, NodeBridge? bridge)
{
    /// <summary>An alias has up to 255 bytes, names 15: the largest batch stays below this.</summary>
    private const int BatchBytes = 1024;

    private readonly PodPair _pair = new(request, pod, mtu, birthGroup);

    /// <summary>Any failure after the pair was made deletes it, which takes the peer and every route with it.</summary>
    public AttachedInterface Run(NetlinkSocket host)
    {
        _pair.Make(host, bridge?.Index ?? 0);
        try
        {
            var (hostIndex, podIndex) = _pair.Find(host);
            SetUpHost(host, hostIndex);
            SetUpPod(podIndex);
            AwaitCarrier(host, hostIndex);
        }
        catch (Exception failure)
        {
            Undo(host, failure);
            throw;
        }
        return new AttachedInterface(request.HostInterface, _pair.Host.Mac, _pair.Peer.Mac, mtu, PodSide.Gateway);
    }

    /// <summary>The MAC that the pod sends everything to.</summary>
    private PhysicalAddress NextHop => bridge?.Mac ?? _pair.Host.Mac;

    private string What => _pair.What;

    private void SetUpHost(NetlinkSocket host, int index)
    {
        var writer = host.Write(stackalloc byte[BatchBytes]);
        if (bridge is null)
            writer.DressLink(index, request.Alias, group: 0, PodSide.HostSettings);
        else
            writer.DressPort(index, request.Alias, BridgeMode.PortGroup);
        writer.NewLinkRoute(request.Address, bridge?.Index ?? index);
        writer.NewPermanentNeighbour(bridge?.Index ?? index, request.Address, _pair.Peer.Mac);
        if (bridge is not null)
            writer.NewForwardingEntry(index, _pair.Peer.Mac);
        if (host.Send(writer) is [var refusal, ..])
            throw refusal.ToException($"{What}: " + refusal.Index switch
            {
                0 => "setting the host end's alias, group and IPv4 settings",
                1 => $"the node's route to {request.Address} (has another pod this address?)",
                2 => $"the node's neighbour {request.Address}",
                _ => "the bridge's forwarding entry",
            });
        bridge?.Rules.Add(request.Address, new BridgePod(index, _pair.Peer.Mac));
    }

    private void SetUpPod(int index)
    {
        var writer = pod.Socket.Write(stackalloc byte[BatchBytes]);
        writer.LinkUp(index);
        writer.NewAddress(index, request.Address);
        writer.NewLinkRoute(PodSide.Gateway, index);
        writer.NewDefaultRoute(PodSide.Gateway, index);
        writer.NewPermanentNeighbour(index, PodSide.Gateway, NextHop);
        if (pod.Socket.Send(writer) is [var refusal, ..])
            throw refusal.ToException($"{What}: " + refusal.Index switch
            {
                0 => $"taking the pod's {request.InterfaceName} up",
                1 => $"the address on the pod's {request.InterfaceName}",
                2 => $"the pod's route to {PodSide.Gateway} (has another interface of the pod this next hop?)",
                3 => "the pod's default route (has it one already?)",
                _ => $"the pod's neighbour {PodSide.Gateway}",
            });
    }

    /// <summary>
    /// The host end got its carrier when the pod's end went up; until the kernel's link watch has run it still drops what
    /// it is to send, which costs the pod's first connection a second. Asking for the link makes it run (rtnl_getlink,
    /// since Linux 6.8; before, it runs a moment later).
    /// </summary>
    private void AwaitCarrier(NetlinkSocket host, int index)
    {
        if (host.FindLink(index) is null)
            throw new DataplaneException(DataplaneFault.Kernel, $"{What}: the pair vanished while it was set up", Errno.NoDevice);
    }

    private void Undo(NetlinkSocket host, Exception cause)
    {
        // What hangs on the bridge does not go with the link. Another pod's entries have another MAC.
        bridge?.Forget(host, request.Address, _pair.Peer.Mac);
        _pair.Delete(host, cause);
    }
}

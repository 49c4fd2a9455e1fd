using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;

namespace Vnetcni.Dataplane.Linux.Transparent;

/// <summary>Makes an attachment in three sends: the pair, the host's side, the pod's side.</summary>
/// <param name="request">What to make.</param>
/// <param name="pod">Where.</param>
/// <param name="mtu">Bytes.</param>
/// <param name="birthGroup">Group of the host end until it has its alias.</param>
internal sealed class TransparentAttach(AttachRequest request, LinuxPodNamespace pod, int mtu, uint birthGroup)
{
    /// <summary>An alias has up to 255 bytes, names 15: the largest batch stays below this.</summary>
    private const int BatchBytes = 1024;

    private readonly VethEnd _host = new(request.HostInterface, MacAddress.From($"{request.Alias} host"));
    private readonly VethEnd _peer = new(request.InterfaceName, MacAddress.From($"{request.Alias} pod"));

    /// <summary>Any failure after the pair was made deletes it, which takes the peer and every route with it.</summary>
    public AttachedInterface Run(NetlinkSocket host)
    {
        MakePair(host);
        try
        {
            var hostIndex = host.InterfaceIndex(request.HostInterface);
            var podIndex = pod.Socket.InterfaceIndex(request.InterfaceName);
            if (hostIndex == 0 || podIndex == 0)
                throw new DataplaneException(DataplaneFault.Kernel, $"{What}: the pair vanished while it was set up", Errno.NoDevice);
            SetUpHost(host, hostIndex);
            SetUpPod(podIndex);
            AwaitCarrier(host, hostIndex);
        }
        catch (Exception failure)
        {
            Undo(host, failure);
            throw;
        }
        return new AttachedInterface(request.HostInterface, _host.Mac, _peer.Mac, mtu, TransparentMode.Gateway);
    }

    private string What => $"attaching {request.Address} to {pod.Path} by {request.HostInterface}";

    private void MakePair(NetlinkSocket host)
    {
        var added = false;
        IReadOnlyList<NetlinkFailure> failures;
        try
        {
            pod.Descriptor.DangerousAddRef(ref added);
            var writer = host.Write(stackalloc byte[BatchBytes]);
            writer.NewVeth(_host, _peer, mtu, birthGroup, (int)pod.Descriptor.DangerousGetHandle());
            failures = host.Send(writer);
        }
        catch (DataplaneException failure)
        {
            // The answer was lost: the pair may be there.
            if (host.FindLink(request.HostInterface) is { } link && link.Group == birthGroup && link.Mac.Equals(_host.Mac))
                Undo(host, failure);
            throw;
        }
        finally
        {
            if (added)
                pod.Descriptor.DangerousRelease();
        }
        if (failures is not [var refusal])
            return;
        if (refusal.Errno != Errno.Exists)
            throw refusal.ToException($"{What}: making the veth pair (MTU {mtu})");
        if (pod.Socket.InterfaceIndex(request.InterfaceName) != 0)
            throw refusal.ToException($"{What}: the pod already has an interface {request.InterfaceName}", DataplaneFault.InterfaceExists);
        throw refusal.ToException($"{What}: the node already has an interface {request.HostInterface}");
    }

    private void SetUpHost(NetlinkSocket host, int index)
    {
        var writer = host.Write(stackalloc byte[BatchBytes]);
        writer.DressLink(index, request.Alias, group: 0, TransparentMode.HostSettings);
        writer.NewLinkRoute(request.Address, index);
        writer.NewPermanentNeighbour(index, request.Address, _peer.Mac);
        if (host.Send(writer) is [var refusal, ..])
            throw refusal.ToException($"{What}: " + refusal.Index switch
            {
                0 => "setting the host end's alias, group and IPv4 settings",
                1 => $"the node's route to {request.Address} (has another pod this address?)",
                _ => $"the node's neighbour {request.Address}",
            });
    }

    private void SetUpPod(int index)
    {
        var writer = pod.Socket.Write(stackalloc byte[BatchBytes]);
        writer.LinkUp(index);
        writer.NewAddress(index, request.Address);
        writer.NewLinkRoute(TransparentMode.Gateway, index);
        writer.NewDefaultRoute(TransparentMode.Gateway, index);
        writer.NewPermanentNeighbour(index, TransparentMode.Gateway, _host.Mac);
        if (pod.Socket.Send(writer) is [var refusal, ..])
            throw refusal.ToException($"{What}: " + refusal.Index switch
            {
                0 => $"taking the pod's {request.InterfaceName} up",
                1 => $"the address on the pod's {request.InterfaceName}",
                2 => $"the pod's route to {TransparentMode.Gateway} (has another interface of the pod this next hop?)",
                3 => "the pod's default route (has it one already?)",
                _ => $"the pod's neighbour {TransparentMode.Gateway}",
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
        var writer = host.Write(stackalloc byte[64]);
        writer.DeleteLink(request.HostInterface);
        if (host.Send(writer) is [{ Errno: not Errno.NoDevice } refusal])
            throw refusal.ToException($"{cause.Message}; and undoing it");
    }
}

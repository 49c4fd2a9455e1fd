using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;

namespace Vnetcni.Dataplane.Linux.Pods;

/// <summary>The veth pair between node and pod: made, found, and deleted when what follows fails.</summary>
/// <param name="request">Names, address and alias.</param>
/// <param name="pod">Where the other end is born.</param>
/// <param name="mtu">Bytes.</param>
/// <param name="birthGroup">Group of the host end until it has its alias.</param>
internal sealed class PodPair(AttachRequest request, LinuxPodNamespace pod, int mtu, uint birthGroup)
{
    private const int BatchBytes = 512;

    /// <summary>The node's end.</summary>
    public VethEnd Host { get; } = new(request.HostInterface, MacAddress.From($"{request.Alias} host"));

    /// <summary>The pod's end.</summary>
    public VethEnd Peer { get; } = new(request.InterfaceName, PodMac(request.Alias));

    /// <summary>For messages.</summary>
    public string What { get; } = $"attaching {request.Address} to {pod.Path} by {request.HostInterface}";

    /// <summary>The MAC of the pod's end; it follows from the alias of the host end.</summary>
    public static PhysicalAddress PodMac(string alias) => MacAddress.From($"{alias} pod");

    /// <summary>Makes it, the host end as a port of <paramref name="master"/> where that is not 0.</summary>
    public void Make(NetlinkSocket host, int master)
    {
        var added = false;
        IReadOnlyList<NetlinkFailure> failures;
        try
        {
            pod.Descriptor.DangerousAddRef(ref added);
            var writer = host.Write(stackalloc byte[BatchBytes]);
            writer.NewVeth(Host, Peer, mtu, birthGroup, (int)pod.Descriptor.DangerousGetHandle(), master);
            failures = host.Send(writer);
        }
        catch (DataplaneException failure)
        {
            // The answer was lost: the pair may be there.
            if (host.FindLink(request.HostInterface) is { } link && link.Group == birthGroup && link.Mac.Equals(Host.Mac))
                Delete(host, failure);
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

    /// <summary>The indices of both ends.</summary>
    public (int Host, int Pod) Find(NetlinkSocket host)
    {
        var hostIndex = host.InterfaceIndex(request.HostInterface);
        var podIndex = pod.Socket.InterfaceIndex(request.InterfaceName);
        return hostIndex != 0 && podIndex != 0
            ? (hostIndex, podIndex)
            : throw new DataplaneException(DataplaneFault.Kernel, $"{What}: the pair vanished while it was set up", Errno.NoDevice);
    }

    /// <summary>Deletes it because of <paramref name="cause"/>; the peer and every route go with it.</summary>
    public void Delete(NetlinkSocket host, Exception cause)
    {
        var writer = host.Write(stackalloc byte[64]);
        writer.DeleteLink(request.HostInterface);
        if (host.Send(writer) is [{ Errno: not Errno.NoDevice } refusal])
            throw refusal.ToException($"{cause.Message}; and undoing it");
    }
}

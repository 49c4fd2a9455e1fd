using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Pods;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>The node's bridge while bridge mode is in effect.</summary>
internal sealed class NodeBridge(Link link, BridgeRules rules) : IDisposable
{
    /// <summary>ifindex.</summary>
    public int Index { get; } = link.Index;

    /// <summary>Its MAC, which is the NIC's.</summary>
    public PhysicalAddress Mac { get; } = link.Mac;

    /// <summary>The rules of its ports.</summary>
    public BridgeRules Rules { get; } = rules;

    /// <summary>
    /// Pods that have a port, by what the kernel has: the address is that of the bridge's neighbour whose MAC follows from the
    /// port's alias. Neighbours and routes of pods whose port is gone are removed.
    /// </summary>
    public Dictionary<IPAddress, BridgePod> FindPods(NetlinkSocket host)
    {
        var ports = host.Links()
            .Where(port => port.Master == Index && port.Group == BridgeMode.PortGroup && port.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal))
            .ToDictionary(port => PodPair.PodMac(port.Alias), port => port.Index);
        var pods = new Dictionary<IPAddress, BridgePod>();
        foreach (var (address, mac) in host.PermanentNeighbours(Index))
        {
            if (ports.TryGetValue(mac, out var port))
                pods[address] = new BridgePod(port, mac);
            else
                Cut(host, address);
        }
        return pods;
    }

    /// <summary>Removes an address from the bridge when it is the pod's with this MAC.</summary>
    public void Forget(NetlinkSocket host, IPAddress address, PhysicalAddress mac)
    {
        if (Rules.Find(address) is not { } pod || !pod.Mac.Equals(mac))
            return;
        Rules.Remove(address);
        Cut(host, address);
    }

    /// <summary>Removes an address from the bridge when the port that it was by is gone.</summary>
    public void ForgetWithoutPort(NetlinkSocket host, IPAddress address)
    {
        if (Rules.Find(address) is not { } pod || host.FindLink(pod.Port) is not null)
            return;
        Rules.Remove(address);
        Cut(host, address);
    }

    /// <inheritdoc/>
    public void Dispose() => Rules.Dispose();

    private void Cut(NetlinkSocket host, IPAddress address)
    {
        var writer = host.Write(stackalloc byte[128]);
        writer.DeleteLinkRoute(address, Index);
        writer.DeleteNeighbour(Index, address);
        foreach (var failure in host.Send(writer))
        {
            if (failure.Errno is not (Errno.NoProcess or Errno.NoEntry or Errno.NoDevice))
                throw failure.ToException($"removing {address} from {BridgeMode.Name}");
        }
    }
}

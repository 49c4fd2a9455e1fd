using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Node;

namespace Vnetcni.Dataplane.Linux.Pods;

/// <summary>Makes the stand-in for an attachment of another plug-in; see <see cref="INodeNetwork.StandInAsync"/>. Two sends.</summary>
/// <param name="request">Whose, and for which address.</param>
/// <param name="pod">Whose namespace it goes with.</param>
/// <param name="birthGroup">Group of the host end until it has its alias.</param>
internal sealed class PodStandIn(AttachRequest request, LinuxPodNamespace pod, uint birthGroup)
{
    // It carries no packets.
    private const int Mtu = 1500;
    private const int BatchBytes = 512;

    private readonly PodPair _pair = new(request, pod, Mtu, birthGroup);

    /// <summary>Any failure after the pair was made undoes all.</summary>
    public void Run(NetlinkSocket host)
    {
        _pair.Make(host, master: 0);
        try
        {
            Note(host, _pair.Find(host).Host);
        }
        catch (Exception failure)
        {
            _pair.Delete(host, failure);
            // It may have been removed. The address is held, or its ADD would not be here.
            Restore(host, request.Address);
            throw;
        }
    }

    /// <summary>Gives an address back the route that it has while nobody uses it.</summary>
    public static void Restore(NetlinkSocket host, System.Net.IPAddress address)
    {
        var writer = host.Write(stackalloc byte[64]);
        writer.NewUnreachable(address, HeldRoutes.Metric);
        if (host.Send(writer) is [{ Errno: not Errno.Exists } refusal])
            throw refusal.ToException($"adding the unreachable route of {address}");
    }

    private void Note(NetlinkSocket host, int index)
    {
        var writer = host.Write(stackalloc byte[BatchBytes]);
        writer.DressLink(index, request.Alias, group: 0, []);
        writer.NewStandInNote(index, request.Address, _pair.Host.Mac);
        writer.DeleteUnreachable(request.Address, HeldRoutes.Metric);
        foreach (var refusal in host.Send(writer))
        {
            if (refusal is { Index: 2, Errno: Errno.NoProcess })
                continue;
            throw refusal.ToException($"{_pair.What}: " + refusal.Index switch
            {
                0 => "setting the stand-in's alias and group",
                1 => "noting the address on the stand-in",
                _ => $"removing the unreachable route of {request.Address}",
            });
        }
    }
}

using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>
/// Moves the NIC's address to the bridge, or back: looks, does the next step of <see cref="BridgePlan"/>, and looks again. What
/// must not be seen half done is one send, which the kernel carries out even when the process is killed. New addresses come
/// before old ones go and routes are replaced, so the node has its address and its way out at every moment.
/// </summary>
internal static class BridgeMove
{
    private const int MaxSteps = 12;
    private const int FixedBytes = 1024;
    private const int BytesPerAddress = 128;

    /// <summary>Goes on until all is as wanted.</summary>
    /// <param name="host">The node's socket.</param>
    /// <param name="nic">The NIC's name, asked for where there is no bridge to tell it.</param>
    /// <param name="wanted">The address shall be on the bridge.</param>
    /// <exception cref="DataplaneException">It can't be done, or the kernel refused; a move to the bridge was undone then.</exception>
    public static BridgeObservation Run(NetlinkSocket host, Func<string> nic, bool wanted)
    {
        try
        {
            return Converge(host, nic, wanted);
        }
        catch (DataplaneException failure) when (wanted)
        {
            try
            {
                Converge(host, nic, wanted: false);
            }
            catch (DataplaneException second)
            {
                throw new DataplaneException(failure.Fault, $"{failure.Message}; and going back: {second.Message}", failure.Errno);
            }
            throw;
        }
    }

    private static BridgeObservation Converge(NetlinkSocket host, Func<string> nic, bool wanted)
    {
        for (var step = 0; step < MaxSteps; step++)
        {
            var seen = BridgeObservation.Take(host, nic);
            var (next, why) = BridgePlan.Next(seen, wanted);
            if (next == BridgeStep.Done)
                return seen;
            if (next == BridgeStep.Refused)
                throw new DataplaneException(DataplaneFault.Kernel, $"bridge mode: {why}", Errno.Busy);
            Do(host, next, seen);
        }
        throw new DataplaneException(
            DataplaneFault.Kernel, $"bridge mode: after {MaxSteps} steps addresses are still coming back; is a DHCP client or NetworkManager at work on the NIC?", Errno.Busy);
    }

    private static void Do(NetlinkSocket host, BridgeStep step, BridgeObservation seen)
    {
        var bytes = FixedBytes + (BytesPerAddress * 2 * (seen.NicAddresses.Count + seen.BridgeAddresses.Count))
            + seen.NicRoutes.MaxBytes + seen.BridgeRoutes.MaxBytes;
        var writer = host.Write(new byte[bytes]);
        Write(ref writer, step, seen);
        var what = step switch
        {
            BridgeStep.Make => $"making {BridgeMode.Name}",
            BridgeStep.Enslave => $"making {seen.NicName} a port of {BridgeMode.Name}",
            BridgeStep.MoveIn => $"moving the addresses and routes of {seen.NicName} to {BridgeMode.Name}",
            BridgeStep.MoveOut => $"moving addresses and routes back to {seen.NicName}",
            _ => $"removing {BridgeMode.Name}",
        };
        foreach (var failure in host.Send(writer))
        {
            // Deleting a network's first address may take the others along; a link may be gone, and a route with it.
            if (failure.Errno is not (Errno.AddressNotAvailable or Errno.NoDevice or Errno.NoProcess))
                throw failure.ToException(what);
        }
        // Asking makes the kernel's link watch run: until it has, a link without carrier before drops what it is to send.
        if (step is BridgeStep.Enslave or BridgeStep.MoveIn)
            _ = host.FindLink(BridgeMode.Name);
    }

    private static void Write(ref NetlinkWriter writer, BridgeStep step, BridgeObservation seen)
    {
        switch (step)
        {
            case BridgeStep.Make:
                writer.NewBridge(BridgeMode.Name, seen.Nic!.Mac, seen.Nic.Mtu, BridgeMode.AliasPrefix + seen.NicName);
                break;
            case BridgeStep.Enslave:
                writer.SetMaster(seen.Nic!.Index, seen.Bridge!.Index);
                // A service's packet may come in by the NIC and leave by it, for a pod of another node.
                writer.SetHairpin(seen.Nic.Index);
                writer.LinkUp(seen.Bridge.Index);
                break;
            case BridgeStep.MoveIn:
                Move(ref writer, seen.NicAddresses, seen.BridgeAddresses, seen.NicRoutes, seen.Nic!.Index, seen.Bridge!.Index);
                break;
            case BridgeStep.MoveOut:
                Move(ref writer, seen.BridgeAddresses, seen.NicAddresses, seen.BridgeRoutes, seen.Bridge!.Index, seen.Nic!.Index);
                break;
            default:
                if (seen.Nic is not null && seen.Nic.Master == seen.Bridge!.Index)
                    writer.SetMaster(seen.Nic.Index, 0);
                writer.DeleteLink(seen.Bridge!.Index);
                break;
        }
    }

    private static void Move(
        ref NetlinkWriter writer, IReadOnlyList<MovableAddress> addresses, IReadOnlyList<MovableAddress> there, MovableRoutes routes,
        int from, int to)
    {
        // One that came back to the NIC may differ in its metric or broadcast: the kernel knows it by address and prefix.
        foreach (var address in addresses.ExceptBy(there.Select(Key), Key))
            address.WriteAdd(ref writer, to);
        foreach (var network in routes.FirstNetworks)
            network.WriteFirst(ref writer, to);
        foreach (var route in routes.Others)
            route.WriteReplace(ref writer, to);
        foreach (var address in addresses)
            address.WriteDelete(ref writer, from);

        static (IPAddress, byte) Key(MovableAddress address) => (address.Address, address.PrefixLength);
    }
}

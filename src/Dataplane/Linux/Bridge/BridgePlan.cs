namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>What is to be done next to get the NIC's address onto the bridge, or back.</summary>
internal enum BridgeStep
{
    /// <summary>Nothing: it is as wanted.</summary>
    Done,

    /// <summary>Nothing can be done; the sentence says why.</summary>
    Refused,

    /// <summary>Make the bridge, down.</summary>
    Make,

    /// <summary>Make the NIC its port and take it up.</summary>
    Enslave,

    /// <summary>Addresses and routes from the NIC to the bridge, in one send.</summary>
    MoveIn,

    /// <summary>Addresses and routes from the bridge to the NIC, in one send.</summary>
    MoveOut,

    /// <summary>Release the NIC and delete the bridge.</summary>
    Remove,
}

/// <summary>
/// Decides each step by what the kernel has and by nothing else. There is no journal: a process that was killed between two
/// steps looks, and goes on from there, in either direction. Pure.
/// </summary>
internal static class BridgePlan
{
    /// <summary>Messages of one send, less those that are not about routes and addresses.</summary>
    private const int MaxMoved = 60;

    /// <summary>The step, and why when it is <see cref="BridgeStep.Refused"/>.</summary>
    /// <param name="seen">What the kernel has.</param>
    /// <param name="wanted">The address shall be on the bridge.</param>
    public static (BridgeStep Step, string Why) Next(BridgeObservation seen, bool wanted) => wanted ? In(seen) : Out(seen);

    private static (BridgeStep Step, string Why) In(BridgeObservation seen)
    {
        const string Name = BridgeMode.Name;
        var nic = seen.NicName;
        if (seen.Nic is null)
            return Refuse($"the node has no interface {nic}");
        if (seen.Bridge is not null && !seen.IsOurs)
            return Refuse($"the node has an interface {Name} that is not ours (of Azure's own CNI, perhaps): remove it, or restart the node, which does that");
        if (seen.Nic.Master != 0 && seen.Nic.Master != seen.Bridge?.Index)
            return Refuse($"{nic} is a port of another bridge or bond already");
        if (seen.HasIPv6)
            return Refuse($"{nic} has an IPv6 address, and only IPv4 ones can be moved to {Name}: use dataplane.mode Transparent");
        if (seen.Nic.Mac.GetAddressBytes().Length == 0)
            return Refuse($"{nic} has no MAC");
        if (seen.NicRoutes.Others.FirstOrDefault(route => route.IsMultipath) is { } multipath)
            return Refuse($"{RouteOf(multipath)} by {nic} has several next hops and can't be moved");
        // To replace it would replace the other.
        if (seen.NicRoutes.Others.FirstOrDefault(route => route.ComesAfter) is { } second)
            return Refuse($"{RouteOf(second)} by {nic} comes after one by another interface with the same metric ({second.Route.Metric}) and can't be moved: give them metrics of their own");
        if (2 * (seen.NicAddresses.Count + seen.NicRoutes.FirstNetworks.Count) + seen.NicRoutes.Others.Count > MaxMoved)
            return Refuse($"{nic} has {seen.NicAddresses.Count} addresses and {seen.NicRoutes.Others.Count} routes, too many to move at once; "
                + "secondary addresses of the NIC are for pods, not for the node");
        if (seen.Bridge is null)
            return (BridgeStep.Make, "");
        if (seen.Nic.Master == 0 || !seen.Bridge.Up)
            return (BridgeStep.Enslave, "");
        return (seen.NicAddresses.Count + seen.NicRoutes.Others.Count > 0 ? BridgeStep.MoveIn : BridgeStep.Done, "");
    }

    private static (BridgeStep Step, string Why) Out(BridgeObservation seen)
    {
        if (!seen.IsOurs)
            return (BridgeStep.Done, "");
        if (seen.BridgeAddresses.Count + seen.BridgeRoutes.Others.Count == 0)
            return (BridgeStep.Remove, "");
        return seen.Nic is null
            ? Refuse($"{BridgeMode.Name} has the address of {seen.NicName}, and the node has no interface {seen.NicName} to give it back to")
            : (BridgeStep.MoveOut, "");
    }

    private static string RouteOf(MovableRoute route) => $"the route to {(route.Route.Destination is { } to ? $"{to}/{route.Route.PrefixLength}" : "default")}";

    private static (BridgeStep Step, string Why) Refuse(string why) => (BridgeStep.Refused, why);
}

namespace Vnetcni.Ipam.VNetBudget;

/// <summary>What a node and its interface have room for.</summary>
/// <param name="NodeLimit">The most pod addresses of the node.</param>
/// <param name="NicLimit">The most ipConfigurations of an interface.</param>
/// <param name="Foreign">ipConfigurations on it that are not ours, the primary included.</param>
public readonly record struct NodeRoom(int NodeLimit, int NicLimit, int Foreign)
{
    /// <summary>
    /// The most pod addresses that the product puts on a node: 256 fit an interface, six are left for the node and others.
    /// Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
    /// </summary>
    public const int MaxPerNode = 250;

    /// <summary>Private addresses that Azure allows per interface, same source.</summary>
    public const int MaxPerNic = 256;

    /// <summary>How many addresses the node may have of those that it wants, and what keeps it from more.</summary>
    /// <param name="wanted">Addresses wanted.</param>
    public (int Total, Bound Bound) Clamp(int wanted)
    {
        var node = Math.Clamp(NodeLimit, 0, MaxPerNode);
        var nic = Math.Max(0, Math.Clamp(NicLimit, 0, MaxPerNic) - Math.Max(0, Foreign));
        if (wanted <= node && wanted <= nic)
            return (Math.Max(0, wanted), Bound.None);
        return node <= nic
            ? (node, new Bound(BoundKind.NodeLimit, node, node))
            : (nic, new Bound(BoundKind.NicRoom, Math.Clamp(NicLimit, 0, MaxPerNic), nic + Math.Max(0, Foreign)));
    }
}

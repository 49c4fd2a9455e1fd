namespace Vnetcni.Ipam.Ledger;

/// <summary>
/// Who holds an address: one interface of one sandbox on one network. The same triple as libcni's attachment key, so a DEL
/// frees only what its own ADD took.
/// </summary>
/// <param name="Network">Name of the network configuration.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="InterfaceName">CNI_IFNAME.</param>
public sealed record Owner(string Network, string ContainerId, string InterfaceName)
{
    /// <summary><c>network/containerID/ifname</c>.</summary>
    public override string ToString() => $"{Network}/{ContainerId}/{InterfaceName}";
}

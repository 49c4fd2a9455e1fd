using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>
/// Which addresses this version gives to pods: IPv4. Formats carry both families, so a later version may have written others; they are left
/// alone (docs/adr/0014-address-shape.md).
/// </summary>
internal static class ServedFamily
{
    /// <summary>Whether this version gives such an address to a pod.</summary>
    public static bool Has(IpAddress address) => address.Bits == 32;
}

namespace Vnetcni.Ipam.Addressing;

/// <summary>How many addresses Azure hands out in a subnet.</summary>
public static class SubnetCapacity
{
    /// <summary>Azure keeps five addresses of each subnet: the first four and the last.</summary>
    /// <remarks>Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq</remarks>
    public const int Reserved = 5;

    /// <summary>Usable addresses of an IPv4 subnet; 0 where the prefix is too small.</summary>
    /// <exception cref="ArgumentException">The prefix is not IPv4.</exception>
    public static long Of(Cidr subnet)
    {
        if (subnet.Network.Bits != 32)
            throw new ArgumentException($"{subnet} is not an IPv4 prefix", nameof(subnet));
        return Math.Max(0, (long)subnet.Size - Reserved);
    }

    /// <summary>Whether Azure keeps this address of the subnet for itself.</summary>
    public static bool IsReserved(Cidr subnet, IpAddress address) =>
        subnet.Contains(address) && (address.Value - subnet.Network.Value < 4 || address == subnet.Last);
}

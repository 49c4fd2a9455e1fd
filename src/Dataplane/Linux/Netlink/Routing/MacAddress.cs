using System.Net.NetworkInformation;
using System.Text;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>MACs that follow from a name: the same attachment has the same MACs on every try.</summary>
internal static class MacAddress
{
    public const int Bytes = 6;

    /// <summary>
    /// A unicast, locally administered MAC (IEEE 802 clause 8: bit 1 set and bit 0 clear in the first octet) from the 64-bit
    /// FNV-1a hash of <paramref name="name"/>. A veth link has two stations, so only the two ends must differ.
    /// </summary>
    public static PhysicalAddress From(string name)
    {
        var hash = StableHash.Of(Encoding.UTF8.GetBytes(name));
        var bytes = new byte[Bytes];
        for (var i = 0; i < Bytes; i++)
            bytes[i] = (byte)(hash >> (8 * i));
        bytes[0] = (byte)((bytes[0] & 0xfc) | 0x02);
        return new PhysicalAddress(bytes);
    }
}

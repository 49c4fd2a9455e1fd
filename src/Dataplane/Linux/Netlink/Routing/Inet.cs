using System.Net;
using System.Net.Sockets;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>Addresses in netlink's form. Nothing here knows one family only.</summary>
internal static class Inet
{
    /// <summary>AF_INET or AF_INET6.</summary>
    public static byte FamilyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? Family.Inet6 : Family.Inet;

    /// <summary>32 or 128.</summary>
    public static byte HostPrefix(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)128 : (byte)32;

    /// <summary>Null when the bytes are no address.</summary>
    public static IPAddress? Parse(ReadOnlySpan<byte> bytes) => bytes.Length is 4 or 16 ? new IPAddress(bytes) : null;

    /// <summary>An address attribute.</summary>
    public static void Put(this ref NetlinkWriter writer, ushort type, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        writer.Put(type, bytes[..length]);
    }
}

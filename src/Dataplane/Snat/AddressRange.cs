using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Vnetcni.Dataplane.Snat;

/// <summary>IPv4 addresses from <paramref name="First"/> to <paramref name="Last"/>, both in it, as numbers in host order.</summary>
/// <param name="First">The lowest address.</param>
/// <param name="Last">The highest address, not below the lowest.</param>
public readonly record struct AddressRange(uint First, uint Last)
{
    /// <summary>Whether an address lies in it.</summary>
    public bool Contains(uint address) => First <= address && address <= Last;

    /// <summary>Such as <c>10.0.0.0-10.255.255.255</c>.</summary>
    public override string ToString() => $"{Text(First)}-{Text(Last)}";

    /// <summary>An IPv4 address as a number in host order. Throws <see cref="ArgumentException"/> for another family.</summary>
    public static uint NumberOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily != AddressFamily.InterNetwork)
            throw new ArgumentException($"{address} is not an IPv4 address.");
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>
    /// Reads a CIDR such as <c>10.0.0.0/8</c>. Host bits are cleared: 10.0.0.5/8 means what 10.0.0.0/8 means.
    /// </summary>
    /// <returns>False when it is not an IPv4 CIDR.</returns>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash is < 7 or > 15 || text.Length - slash - 1 is < 1 or > 2)
            return false;
        // IPAddress alone would take "10.1" and octal numbers for addresses too.
        if (text.AsSpan(0, slash).Count('.') != 3 || !IPAddress.TryParse(text.AsSpan(0, slash), out var address)
            || address.AddressFamily != AddressFamily.InterNetwork || address.ToString() != text[..slash])
            return false;
        if (!byte.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var bits) || bits > 32)
            return false;
        var hosts = bits == 0 ? uint.MaxValue : (uint)((1UL << (32 - bits)) - 1);
        var first = NumberOf(address) & ~hosts;
        range = new AddressRange(first, first | hosts);
        return true;
    }

    private static string Text(uint address) => $"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}";
}

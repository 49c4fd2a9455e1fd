using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink;

/// <summary>
/// Walks attributes. Nothing is read beyond the bytes given; a length that does not fit ends the walk, as if the rest were
/// absent.
/// </summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    /// <summary>NLA_TYPE_MASK: the upper two bits say nested and byte order.</summary>
    private const ushort TypeMask = 0x3fff;

    private static readonly int HeaderBytes = Unsafe.SizeOf<AttributeHeader>();
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Type of the current attribute, without flags.</summary>
    public ushort Type { get; private set; }

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Its value as a 32-bit number in host order; 0 when it is shorter.</summary>
    public readonly uint Number => MemoryMarshal.TryRead(Value, out uint number) ? number : 0;

    /// <summary>Its value as a 32-bit number in network byte order; 0 when it is shorter.</summary>
    public readonly uint BigEndianNumber => BinaryPrimitives.TryReadUInt32BigEndian(Value, out var number) ? number : 0;

    /// <summary>Its value as a 64-bit number in network byte order; 0 when it is shorter.</summary>
    public readonly ulong BigEndianLong => BinaryPrimitives.TryReadUInt64BigEndian(Value, out var number) ? number : 0;

    /// <summary>Its value as text up to the first NUL. Bytes that are not UTF-8 become U+FFFD.</summary>
    public readonly string Text
    {
        get
        {
            var end = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
        }
    }

    /// <summary>The attributes that follow a fixed header; none when the payload is shorter than the header.</summary>
    public static NetlinkAttributes After<THeader>(ReadOnlySpan<byte> payload, out THeader header)
        where THeader : unmanaged
    {
        if (!MemoryMarshal.TryRead(payload, out header))
            return default;
        var start = (Unsafe.SizeOf<THeader>() + 3) & ~3;
        return new NetlinkAttributes(payload[Math.Min(start, payload.Length)..]);
    }

    public bool MoveNext()
    {
        if (!MemoryMarshal.TryRead(_rest, out AttributeHeader header) || header.Length < HeaderBytes || header.Length > _rest.Length)
            return false;
        Type = (ushort)(header.Type & TypeMask);
        Value = _rest[HeaderBytes..header.Length];
        _rest = _rest[Math.Min((header.Length + 3) & ~3, _rest.Length)..];
        return true;
    }
}

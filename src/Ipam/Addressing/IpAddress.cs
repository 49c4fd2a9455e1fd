using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Vnetcni.Ipam.Addressing;

/// <summary>
/// An IP address as a value: compared and hashed without allocation, ordered numerically within its family, IPv4 before
/// IPv6. <see langword="default"/> is no address (<see cref="IsNone"/>).
/// </summary>
public readonly struct IpAddress : IEquatable<IpAddress>, IComparable<IpAddress>
{
    private readonly UInt128 _value;
    private readonly byte _bytes;

    private IpAddress(UInt128 value, byte bytes)
    {
        _value = value;
        _bytes = bytes;
    }

    /// <summary>True for <see langword="default"/>: no address.</summary>
    public bool IsNone => _bytes == 0;

    /// <summary>Bits of the family: 32 or 128; 0 for none.</summary>
    public int Bits => _bytes * 8;

    /// <summary>The number that the address is, in network byte order.</summary>
    public UInt128 Value => _value;

    /// <summary>An IPv4 address from its number.</summary>
    public static IpAddress V4(uint value) => new(value, 4);

    /// <summary>An IPv6 address from its number.</summary>
    public static IpAddress V6(UInt128 value) => new(value, 16);

    /// <summary>From the BCL's type. A scope id is refused: a pod address has none.</summary>
    /// <exception cref="ArgumentException">An IPv6 address with a scope id, or another family.</exception>
    public static IpAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            throw new ArgumentException($"address {address} has a scope id", nameof(address));

        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length))
            throw new ArgumentException($"address {address} is neither IPv4 nor IPv6", nameof(address));
        return length == 4
            ? V4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : V6(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>
    /// Strict text form: dotted quad without leading zeros, or RFC 4291 without zone or brackets. <c>10.1</c>, <c>0x0a.0.0.1</c>
    /// and <c>010.0.0.1</c> are refused, since other programs read them differently.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out IpAddress address)
    {
        address = default;
        if (string.IsNullOrEmpty(text) || text.Length > 45 || text.AsSpan().IndexOfAny('%', '[', ']') >= 0)
            return false;
        if (!IPAddress.TryParse(text, out var parsed))
            return false;

        // The BCL takes octal, hex and short forms of IPv4: only the canonical text is an address here.
        if (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text)
            return false;
        address = From(parsed);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address");

    /// <summary>The BCL's type.</summary>
    /// <exception cref="InvalidOperationException">This is no address.</exception>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        switch (_bytes)
        {
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)_value);
                return new IPAddress(bytes[..4]);
            case 16:
                BinaryPrimitives.WriteUInt128BigEndian(bytes, _value);
                return new IPAddress(bytes);
            default:
                throw new InvalidOperationException("no address");
        }
    }

    /// <summary>The canonical text; empty for none.</summary>
    public override string ToString() => IsNone ? string.Empty : ToIPAddress().ToString();

    /// <inheritdoc/>
    public bool Equals(IpAddress other) => _value == other._value && _bytes == other._bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IpAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_value, _bytes);

    /// <inheritdoc/>
    public int CompareTo(IpAddress other) =>
        _bytes != other._bytes ? _bytes.CompareTo(other._bytes) : _value.CompareTo(other._value);

    /// <summary>Same family and number.</summary>
    public static bool operator ==(IpAddress left, IpAddress right) => left.Equals(right);

    /// <summary>Another family or number.</summary>
    public static bool operator !=(IpAddress left, IpAddress right) => !left.Equals(right);

    /// <summary>Numeric order; IPv4 before IPv6.</summary>
    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    /// <summary>Numeric order; IPv4 before IPv6.</summary>
    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    /// <summary>Numeric order; IPv4 before IPv6.</summary>
    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Numeric order; IPv4 before IPv6.</summary>
    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;
}

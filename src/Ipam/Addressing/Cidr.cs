using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vnetcni.Ipam.Addressing;

/// <summary>A prefix such as <c>10.224.0.0/16</c>. The host bits are zero (RFC 4632).</summary>
public readonly struct Cidr : IEquatable<Cidr>, IComparable<Cidr>
{
    private Cidr(IpAddress network, int length)
    {
        Network = network;
        Length = length;
    }

    /// <summary>The first address.</summary>
    public IpAddress Network { get; }

    /// <summary>Prefix length in bits.</summary>
    public int Length { get; }

    /// <summary>The last address.</summary>
    public IpAddress Last => Network.Bits == 32
        ? IpAddress.V4((uint)(Network.Value | HostMask(32, Length)))
        : IpAddress.V6(Network.Value | HostMask(128, Length));

    /// <summary>How many addresses the prefix holds; <see cref="UInt128.MaxValue"/> stands for 2^128.</summary>
    public UInt128 Size => Network.Bits - Length == 128 ? UInt128.MaxValue : UInt128.One << (Network.Bits - Length);

    /// <summary>The prefix of this length around an address; host bits are cleared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length does not fit the family.</exception>
    public static Cidr Around(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.Bits);
        var network = address.Value & ~HostMask(address.Bits, length);
        return new Cidr(address.Bits == 32 ? IpAddress.V4((uint)network) : IpAddress.V6(network), length);
    }

    /// <summary>Reads <c>address/length</c>; host bits that are set are refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Cidr cidr)
    {
        cidr = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash <= 0 || !IpAddress.TryParse(text![..slash], out var address))
            return false;

        var digits = text.AsSpan(slash + 1);
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > address.Bits)
            return false;

        cidr = Around(address, length);
        return cidr.Network == address;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is not a prefix, or host bits are set.</exception>
    public static Cidr Parse(string text) =>
        TryParse(text, out var cidr) ? cidr : throw new FormatException($"'{text}' is not a CIDR prefix with zero host bits");

    /// <summary>Whether the address lies in the prefix. False for the other family.</summary>
    public bool Contains(IpAddress address) => address.Bits == Network.Bits && address >= Network && address <= Last;

    /// <summary>Whether the two prefixes share an address.</summary>
    public bool Overlaps(Cidr other) => Contains(other.Network) || other.Contains(Network);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Network}/{Length}");

    /// <inheritdoc/>
    public bool Equals(Cidr other) => Network == other.Network && Length == other.Length;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Cidr other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Network, Length);

    /// <inheritdoc/>
    public int CompareTo(Cidr other)
    {
        var byNetwork = Network.CompareTo(other.Network);
        return byNetwork != 0 ? byNetwork : Length.CompareTo(other.Length);
    }

    /// <summary>Same network and length.</summary>
    public static bool operator ==(Cidr left, Cidr right) => left.Equals(right);

    /// <summary>Another network or length.</summary>
    public static bool operator !=(Cidr left, Cidr right) => !left.Equals(right);

    /// <summary>By network, then by length.</summary>
    public static bool operator <(Cidr left, Cidr right) => left.CompareTo(right) < 0;

    /// <summary>By network, then by length.</summary>
    public static bool operator >(Cidr left, Cidr right) => left.CompareTo(right) > 0;

    /// <summary>By network, then by length.</summary>
    public static bool operator <=(Cidr left, Cidr right) => left.CompareTo(right) <= 0;

    /// <summary>By network, then by length.</summary>
    public static bool operator >=(Cidr left, Cidr right) => left.CompareTo(right) >= 0;

    private static UInt128 HostMask(int bits, int length)
    {
        var host = bits - length;
        return host == 128 ? UInt128.MaxValue : (UInt128.One << host) - 1;
    }
}

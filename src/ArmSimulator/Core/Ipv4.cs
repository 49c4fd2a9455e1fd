using System.Globalization;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>IPv4 addresses as numbers, read strictly: four decimal parts, no leading zeroes.</summary>
internal static class Ipv4
{
    public static bool TryParse(string? text, out uint address)
    {
        address = 0;
        if (text is null || text.Length is < 7 or > 15)
            return false;
        var parts = text.Split('.');
        if (parts.Length != 4)
            return false;
        foreach (var part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var b) || (part.Length > 1 && part[0] == '0'))
                return false;
            address = (address << 8) | b;
        }

        return true;
    }

    public static string Format(uint a) =>
        string.Create(CultureInfo.InvariantCulture, $"{a >> 24}.{(a >> 16) & 255}.{(a >> 8) & 255}.{a & 255}");
}

/// <summary>An IPv4 prefix.</summary>
internal readonly record struct Ipv4Prefix(uint First, int Length)
{
    public long Size => 1L << (32 - Length);

    public uint Last => (uint)(First + Size - 1);

    public bool Contains(uint address) => address >= First && address <= Last;

    public bool Contains(Ipv4Prefix other) => other.Length >= Length && Contains(other.First);

    public bool Overlaps(Ipv4Prefix other) => Contains(other.First) || other.Contains(First);

    public static bool TryParse(string? text, out Ipv4Prefix prefix)
    {
        prefix = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0
            || !Ipv4.TryParse(text![..slash], out var address)
            || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > 32)
        {
            return false;
        }

        prefix = new Ipv4Prefix(address, length);
        return address % prefix.Size == 0;
    }

    public override string ToString() => $"{Ipv4.Format(First)}/{Length.ToString(CultureInfo.InvariantCulture)}";
}

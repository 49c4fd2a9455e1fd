using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>The formats of texts that are checked; an unknown one says nothing.</summary>
internal static class Formats
{
    public static bool Fits(string format, string value) => format switch
    {
        "date-time" or "datetime" => IsDateTime(value),
        "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "ipv4" => IPAddress.TryParse(value, out var v4) && v4.AddressFamily == AddressFamily.InterNetwork && value.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(value, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 && !value.Contains('%'),
        "cidr" => IsCidr(value),
        "uuid" => Guid.TryParseExact(value, "D", out _),
        "byte" => Convert.TryFromBase64String(value, new byte[value.Length], out _),
        "mac" => value.Length == 17 && value.Split(':', '-') is { Length: 6 } parts && parts.All(p => byte.TryParse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _)),
        _ => true,
    };

    /// <summary>RFC 3339.</summary>
    public static bool IsDateTime(string value) =>
        value.Length >= 20 && value[4] == '-' && value[10] is 'T' or 't' && (value[^1] is 'Z' or 'z' || value[^6] is '+' or '-')
        && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _);

    private static bool IsCidr(string value) => IPNetwork.TryParse(value, out _)
        || (value.Split('/') is [var address, var length] && IPAddress.TryParse(address, out var ip)
            && byte.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (ip.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
}

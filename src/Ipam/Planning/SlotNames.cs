using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vnetcni.Ipam.Planning;

/// <summary>
/// Names of our ipConfigurations: <c>vnetcni-&lt;8 hex of the cluster's uid&gt;-&lt;slot&gt;</c>, at most 80 characters. The prefix
/// says what is ours; a deterministic name makes a repeated PUT idempotent.
/// </summary>
public sealed class SlotNames
{
    private const string Product = "vnetcni-";

    /// <summary>The names of one cluster.</summary>
    /// <param name="clusterUid">Uid of the namespace kube-system.</param>
    public SlotNames(string clusterUid)
    {
        ArgumentException.ThrowIfNullOrEmpty(clusterUid);
        var hex = clusterUid.Replace("-", string.Empty, StringComparison.Ordinal).ToLowerInvariant();
        if (hex.Length < 8 || !hex.AsSpan(0, 8).ContainsOnlyHex())
            hex = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clusterUid)));
        ClusterId = hex[..8];
        Prefix = $"{Product}{ClusterId}-";
    }

    /// <summary>Eight lower-case hex digits.</summary>
    public string ClusterId { get; }

    /// <summary>What every name begins with, the hyphen included.</summary>
    public string Prefix { get; }

    /// <summary>The name of a slot.</summary>
    public string Of(int slot) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{slot}");

    /// <summary>Whether an ipConfiguration is ours. ARM may change the case of a name.</summary>
    public bool IsOurs(string? name) => name is not null && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The lowest slots whose names are not taken.</summary>
    /// <param name="taken">Names on the interface, ours and others.</param>
    /// <param name="count">How many.</param>
    public IReadOnlyList<string> Free(IEnumerable<string> taken, int count)
    {
        var names = new HashSet<string>(taken, StringComparer.OrdinalIgnoreCase);
        var free = new List<string>(Math.Max(0, count));
        for (var slot = 0; free.Count < count; slot++)
        {
            var name = Of(slot);
            if (!names.Contains(name))
                free.Add(name);
        }

        return free;
    }
}

file static class HexText
{
    public static bool ContainsOnlyHex(this ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }

        return true;
    }
}

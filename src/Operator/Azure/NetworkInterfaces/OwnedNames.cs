using System.Globalization;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>
/// Names of the ipConfigurations that one cluster owns: <c>vnetcni-{8 hex}-{slot}</c>. Whatever is named otherwise belongs to
/// somebody else and is never changed.
/// </summary>
public sealed class OwnedNames
{
    /// <summary>Every cluster's names begin with this.</summary>
    public const string ProductPrefix = "vnetcni-";

    /// <param name="clusterId">Eight hex digits, see <see cref="ForCluster"/>. Throws <see cref="ArgumentException"/> otherwise.</param>
    public OwnedNames(string clusterId)
    {
        ArgumentNullException.ThrowIfNull(clusterId);
        if (clusterId.Length != 8 || !clusterId.All(char.IsAsciiHexDigitLower))
            throw new ArgumentException($"'{clusterId}' is not eight lower-case hex digits", nameof(clusterId));
        Prefix = $"{ProductPrefix}{clusterId}-";
    }

    /// <summary>What this cluster's names begin with.</summary>
    public string Prefix { get; }

    /// <summary>The names of a cluster, by the uid of its kube-system namespace. Throws <see cref="ArgumentException"/> when that has no eight hex digits in front.</summary>
    public static OwnedNames ForCluster(string uid)
    {
        ArgumentNullException.ThrowIfNull(uid);
        return new OwnedNames(uid[..Math.Min(8, uid.Length)].ToLowerInvariant());
    }

    /// <summary>Whether this cluster owns the name. Without case, as ARM compares names.</summary>
    public bool IsOurs(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether any cluster that runs this product owns the name.</summary>
    public static bool IsOfProduct(string name) => name.StartsWith(ProductPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The name of a slot, 0 or more.</summary>
    public string ForSlot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        return Prefix + slot.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The slot of a name of ours; false when the rest is not a plain number.</summary>
    public bool TryGetSlot(string name, out int slot)
    {
        slot = -1;
        return IsOurs(name) && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out slot);
    }
}

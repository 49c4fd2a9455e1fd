using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Nftables;

/// <summary>A table: each family has names of its own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Family">NFPROTO_*.</param>
internal readonly record struct NftTable(string Name, byte Family = NftConstants.FamilyIp)
{
    /// <summary>What messages about it begin with.</summary>
    public NetfilterHeader Header => new() { Family = Family };

    /// <summary>The IPv4 table of that name.</summary>
    public static implicit operator NftTable(string name) => new(name);

    /// <inheritdoc/>
    public override string ToString() => $"{(Family == NftConstants.FamilyBridge ? "bridge" : "ip")} {Name}";
}

/// <summary>How the elements of a set look. The types are nft's own numbers: they let <c>nft list</c> show them; the kernel keeps them unread.</summary>
/// <param name="KeyType">Of a key; the parts of a concatenation have 6 bits each.</param>
/// <param name="KeyLength">Bytes.</param>
/// <param name="DataType">Of what a map leads to.</param>
/// <param name="DataLength">Bytes; 0 = a set.</param>
internal readonly record struct NftSetKind(uint KeyType, uint KeyLength, uint DataType = 0, uint DataLength = 0);

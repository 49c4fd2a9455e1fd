namespace Vnetcni.Operator.Azure.VirtualNetworks;

/// <summary>A virtual network as far as the budget and source address translation need it.</summary>
public sealed record VirtualNetworkView
{
    /// <summary>ARM id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the resource.</summary>
    public required string Name { get; init; }

    /// <summary>Address ranges.</summary>
    public required IReadOnlyList<string> AddressPrefixes { get; init; }

    /// <summary>Its subnets.</summary>
    public required IReadOnlyList<SubnetView> Subnets { get; init; }

    /// <summary>Address ranges of the networks that are peered with it (connected peerings only).</summary>
    public required IReadOnlyList<string> PeeredPrefixes { get; init; }
}

/// <summary>A subnet.</summary>
public sealed record SubnetView
{
    /// <summary>ARM id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the resource.</summary>
    public required string Name { get; init; }

    /// <summary>Address ranges.</summary>
    public required IReadOnlyList<string> Prefixes { get; init; }

    /// <summary>IPv4 addresses that it can give: the size of each range without the five that Azure keeps.</summary>
    public int Capacity => SubnetCapacity.Of(Prefixes);
}

/// <summary>How full a subnet is.</summary>
/// <param name="SubnetId">ARM id of the subnet.</param>
/// <param name="Used">Addresses taken.</param>
/// <param name="Limit">Addresses that it can give, as Azure counts.</param>
public sealed record SubnetUsage(string SubnetId, int Used, int Limit);

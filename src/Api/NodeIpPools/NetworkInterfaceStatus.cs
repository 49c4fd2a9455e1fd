namespace Vnetcni.Api.NodeIpPools;

/// <summary>One network interface of the VM and the pod addresses on it.</summary>
public sealed record NetworkInterfaceStatus
{
    /// <summary>ARM id.</summary>
    public string? Id { get; init; }

    /// <summary>Name of the ARM resource.</summary>
    public string? Name { get; init; }

    /// <summary>Lower case with colons, such as <c>00:0d:3a:01:02:03</c>.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The node's own address on it.</summary>
    public string? PrimaryAddress { get; init; }

    /// <summary>The subnet of all its addresses.</summary>
    public SubnetReference? Subnet { get; init; }

    /// <summary>Name of the VirtualNetwork object.</summary>
    public string? VirtualNetwork { get; init; }

    /// <summary>Addresses that ARM confirmed, ordered by ipConfiguration.</summary>
    public IReadOnlyList<AddressStatus>? Addresses { get; init; }
}

/// <summary>A subnet as the agent needs it.</summary>
public sealed record SubnetReference
{
    /// <summary>ARM id.</summary>
    public string? Id { get; init; }

    /// <summary>Name of the ARM resource, for the SUBNET column.</summary>
    public string? Name { get; init; }

    /// <summary>Address range, such as <c>10.1.0.0/24</c>.</summary>
    public string? Cidr { get; init; }

    /// <summary>Azure's gateway, the first address of the range after the network's.</summary>
    public string? Gateway { get; init; }
}

/// <summary>One pod address on an interface.</summary>
public sealed record AddressStatus
{
    /// <summary>The address.</summary>
    public required string Address { get; init; }

    /// <summary>Name of the ipConfiguration that carries it.</summary>
    public string? IpConfiguration { get; init; }

    /// <summary>See <see cref="AddressStates"/>.</summary>
    public required string State { get; init; }
}

/// <summary>Values of <see cref="AddressStatus.State"/>.</summary>
public static class AddressStates
{
    /// <summary>The agent may assign it.</summary>
    public const string Available = "Available";

    /// <summary>It is being taken off the interface; never taken back.</summary>
    public const string Releasing = "Releasing";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Available, Releasing];
}

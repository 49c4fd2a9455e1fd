using System.Net;

namespace Vnetcni.Dataplane.Traps;

/// <summary>What of a node's settings can keep pods' packets from arriving, as it was read at one moment.</summary>
public sealed record NodeObservation
{
    /// <summary>The NIC that pods' traffic leaves by.</summary>
    public required string Nic { get; init; }

    /// <summary>Its MTU in bytes.</summary>
    public int NicMtu { get; init; }

    /// <summary>IPv4 addresses that the node itself answers for, with the interface that has them; no loopback addresses.</summary>
    public IReadOnlyList<LocalAddress> LocalAddresses { get; init; } = [];

    /// <summary>nftables chains at the forward hook that drop what no rule accepts, such as <c>ip filter FORWARD</c>.</summary>
    public IReadOnlyList<string> ForwardDrops { get; init; } = [];

    /// <summary>The older iptables has a filter table beside nftables; its policy is not read.</summary>
    public bool LegacyFilter { get; init; }

    /// <summary>The stricter of net.ipv4.conf.all.rp_filter and the NIC's: 0 off, 1 strict, 2 loose. The larger number counts.</summary>
    public int ReversePathFilter { get; init; }

    /// <summary>Interfaces with a default route.</summary>
    public IReadOnlyList<string> DefaultRouteInterfaces { get; init; } = [];

    /// <summary>Parts of the kernel that are missing.</summary>
    public IReadOnlyList<MissingFeature> MissingFeatures { get; init; } = [];

    /// <summary>Tracked connections; null where the kernel does not tell.</summary>
    public long? Connections { get; init; }

    /// <summary>Most connections tracked; null where the kernel does not tell.</summary>
    public long? MaxConnections { get; init; }
}

/// <summary>An address of the node itself.</summary>
/// <param name="Address">The address.</param>
/// <param name="Interface">The interface that has it.</param>
public sealed record LocalAddress(IPAddress Address, string Interface);

/// <summary>A part of the kernel that rules of ours need.</summary>
/// <param name="Name">Such as <c>masquerade</c>.</param>
/// <param name="Module">The module that brings it.</param>
/// <param name="Error">The kernel's answer.</param>
public sealed record MissingFeature(string Name, string Module, string Error);

using Vnetcni.Ipam.Ledger.Leaks;

namespace Vnetcni.NodeAgent;

/// <summary>What the agent's core is told about its node.</summary>
public sealed record AgentSettings
{
    /// <summary>The node's name, for messages and for its pool.</summary>
    public required string NodeName { get; init; }

    /// <summary>Boot id of the machine: a reboot voids all allocations.</summary>
    public required string BootId { get; init; }

    /// <summary>
    /// MAC addresses of the machine's network interfaces, lower case with colons. Addresses on a NIC with another MAC belong to
    /// another machine of the same name.
    /// </summary>
    public IReadOnlyCollection<string> MacAddresses { get; init; } = [];

    /// <summary>The VM's id, or empty where it is not known: then the MAC alone decides.</summary>
    public string VmId { get; init; } = string.Empty;

    /// <summary>Prefix of host interface names, at most 7 letters.</summary>
    public string VethPrefix { get; init; } = "azv";

    /// <summary>ADDs that may wait for an address; one more is told to try again later.</summary>
    public int MaxWaitingAdds { get; init; } = 256;

    /// <summary>How long detached links are collected before they are deleted in one batch.</summary>
    public TimeSpan ReapDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How late a report may be that changes no decision (in use, free, cooling), and the least time between two of that kind.
    /// </summary>
    public TimeSpan LazyReport { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time between two reports, ± 20 %.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two comparisons of ledger, kernel and container runtime, ± 20 %.</summary>
    public TimeSpan LeakInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How sure the agent has to be before it frees what nobody asked it to free.</summary>
    public LeakPolicy Leaks { get; init; } = new();
}

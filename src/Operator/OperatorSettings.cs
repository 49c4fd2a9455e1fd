using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator;

/// <summary>What an operator is told at its start.</summary>
public sealed record OperatorSettings
{
    /// <summary>Name of this process, never used by another one: the holder of the lease, the source of events.</summary>
    public required string Identity { get; init; }

    /// <summary>Namespace of the lease.</summary>
    public string LeaseNamespace { get; init; } = "vnetcni-system";

    /// <summary>Name of the lease; empty = no election, the process always leads.</summary>
    public string LeaseName { get; init; } = "vnetcni-operator";

    /// <summary>Others take the lease when it was not renewed for this long.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The most pod addresses per node, 1 to 250, on top of what a class allows.</summary>
    public int PerNode { get; init; } = NodeRoom.MaxPerNode;

    /// <summary>The most pod addresses per virtual network, 1 to 16000, on top of what its object allows.</summary>
    public int PerVirtualNetwork { get; init; } = 16_000;

    /// <summary>Whether ARM writes are only told and not done, for all classes.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Whether the release is being uninstalled: no pool is made, and every pool that is deleted gives its addresses back, whether its
    /// Node lives or not. Only for when no agent runs and no pod uses an address, or when that does not matter any more.
    /// </summary>
    public bool Uninstalling { get; init; }

    /// <summary>Pools worked on at a time.</summary>
    public int Workers { get; init; } = 32;

    /// <summary>ARM's limits and what of them is left for others.</summary>
    public QuotaSettings ArmQuota { get; init; } = new();

    /// <summary>Shortest time between two writes of a virtual network's budget.</summary>
    public TimeSpan RoundInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A pool at rest is compared with ARM this often.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How full the subnets are is read this often.</summary>
    public TimeSpan UsageInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What others have in a virtual network is listed at most this often, while ARM shows more used than is ours.</summary>
    public TimeSpan OthersInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A Node must be absent this long, without a Pod bound to it, before its addresses are taken back.</summary>
    public TimeSpan NodeAbsence { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>An agent whose report has not changed for this long does not report.</summary>
    public TimeSpan AgentStale { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Checks the bounds. Throws <see cref="ArgumentException"/>.</summary>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Identity);
        InRange(PerNode, NodeRoom.MaxPerNode, nameof(PerNode));
        InRange(PerVirtualNetwork, 16_000, nameof(PerVirtualNetwork));
        InRange(Workers, 1_000, nameof(Workers));
        ArmQuota.Validate();
    }

    private static void InRange(int value, int max, string name)
    {
        if (value < 1 || value > max)
            throw new ArgumentException($"{name} is {value}: must be 1 to {max}");
    }
}

namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>The rules that the world around the product's decisions keeps. A test takes one away to see that it is needed.</summary>
internal sealed record ExploredRules
{
    /// <summary>A subnet that is full but for what a PUT gives up: its newcomers get that. Otherwise they get any address.</summary>
    public bool FreedComeBack { get; init; }

    /// <summary>Rule 1: a leader's write of the pool fails when the pool has moved since it was read.</summary>
    public bool LeadersWriteConditionally { get; init; } = true;

    /// <summary>Rule 1: the agent's write of usage fails when the pool has moved since it was read.</summary>
    public bool AgentWritesConditionally { get; init; } = true;

    /// <summary>Rule 5: a version counts as the agent's own word only when its latest write is known to be in it.</summary>
    public bool OwnWriteIsKnown { get; init; } = true;

    /// <summary>Rule 9: a lost ledger is rebuilt from the kernel's links.</summary>
    public bool LedgerIsRebuilt { get; init; } = true;

    /// <summary>Rule 9: without a valid ledger nothing is assigned before an own write is committed.</summary>
    public bool StartIsFenced { get; init; } = true;

    /// <summary>A leader that finds a reservation open works on it only if that is open still after the pool was read.</summary>
    public bool ReservationIsTheSame { get; init; } = true;

    /// <summary>Rule 12: a PUT is refused when the interface has moved past the reservation's ETag.</summary>
    public bool PutsAreConditional { get; init; } = true;
}

/// <summary>How far the exploration goes.</summary>
internal sealed record ExploredBounds
{
    /// <summary>Addresses that the node may have, and the virtual network's limit.</summary>
    public int Limit { get; init; } = 2;

    /// <summary>Pods bound to the node at a time.</summary>
    public int Pods { get; init; } = 2;

    /// <summary>Leaders that act at the same time.</summary>
    public int Leaders { get; init; } = 2;

    /// <summary>Changes of the workload and faults in one run, of those that are counted.</summary>
    public int Allowance { get; init; } = 2;

    public int MostStates { get; init; } = 60_000_000;
}

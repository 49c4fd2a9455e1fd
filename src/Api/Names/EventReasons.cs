namespace Vnetcni.Api.Names;

/// <summary>Reasons of Kubernetes events. Those in <see cref="Warnings"/> are of type Warning, the others Normal.</summary>
public static class EventReasons
{
    /// <summary>A pool was made for a node.</summary>
    public const string PoolCreated = "PoolCreated";

    /// <summary>Addresses were added to an interface.</summary>
    public const string AddressesAdded = "AddressesAdded";

    /// <summary>Addresses were taken off an interface.</summary>
    public const string AddressesReleased = "AddressesReleased";

    /// <summary>A change by somebody else was put right.</summary>
    public const string DriftRepaired = "DriftRepaired";

    /// <summary>A fault is over.</summary>
    public const string Recovered = "Recovered";

    /// <summary>Warning: the subnet has no address left.</summary>
    public const string SubnetExhausted = "SubnetExhausted";

    /// <summary>Warning: the node is at its limit and pods wait.</summary>
    public const string NodeLimitReached = "NodeLimitReached";

    /// <summary>Warning: the virtual network's budget is spent.</summary>
    public const string VNetLimitReached = "VNetLimitReached";

    /// <summary>Warning: the VirtualNetwork object that counts the pool's addresses breaks a rule.</summary>
    public const string VirtualNetworkInvalid = "VirtualNetworkInvalid";

    /// <summary>Warning: Azure Resource Manager throttles.</summary>
    public const string ArmThrottled = "ArmThrottled";

    /// <summary>Warning: Azure Resource Manager, or the identity provider, does not answer.</summary>
    public const string ArmUnreachable = "ArmUnreachable";

    /// <summary>Warning: Azure Resource Manager answers with an error; the message names its code.</summary>
    public const string ArmError = "ArmError";

    /// <summary>Warning: Azure Resource Manager refuses for want of a right.</summary>
    public const string ArmForbidden = "ArmForbidden";

    /// <summary>Warning: the interface moved between our read and our write.</summary>
    public const string NicUpdateConflict = "NicUpdateConflict";

    /// <summary>Warning: the node's network interface does not exist.</summary>
    public const string NicNotFound = "NicNotFound";

    /// <summary>Warning: an interface carries addresses of ours that no pool lists.</summary>
    public const string OrphanAddressesFound = "OrphanAddressesFound";

    /// <summary>Warning: the node's agent has not reported lately.</summary>
    public const string AgentStale = "AgentStale";

    /// <summary>Warning: more ranges are to see the pods' own addresses than a pool's status holds.</summary>
    public const string TooManySnatExclusions = "TooManySnatExclusions";

    /// <summary>
    /// Warning: an address is out of use, since its node's ledger and kernel contradict each other about it, or since somebody else took
    /// it off the interface and has it now.
    /// </summary>
    public const string AddressQuarantined = "AddressQuarantined";

    /// <summary>Warning: an address or a link that nobody asked to free was left behind and is free now.</summary>
    public const string LeakRepaired = "LeakRepaired";

    /// <summary>The reasons whose events are of type Warning.</summary>
    public static IReadOnlyList<string> Warnings { get; } =
    [
        SubnetExhausted, NodeLimitReached, VNetLimitReached, VirtualNetworkInvalid, ArmThrottled, ArmUnreachable, ArmError, ArmForbidden, NicUpdateConflict,
        NicNotFound, OrphanAddressesFound, AgentStale, TooManySnatExclusions,
        AddressQuarantined, LeakRepaired,
    ];
}

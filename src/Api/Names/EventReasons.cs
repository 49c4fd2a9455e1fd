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

    /// <summary>Warning: Azure Resource Manager throttles.</summary>
    public const string ArmThrottled = "ArmThrottled";

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

    /// <summary>The reasons whose events are of type Warning.</summary>
    public static IReadOnlyList<string> Warnings { get; } =
    [
        SubnetExhausted, NodeLimitReached, VNetLimitReached, ArmThrottled, ArmForbidden, NicUpdateConflict, NicNotFound,
        OrphanAddressesFound, AgentStale,
    ];
}

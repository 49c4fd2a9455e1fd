namespace Vnetcni.Api.Names;

/// <summary>Reasons of the Ready condition (and of those that explain it).</summary>
public static class Reasons
{
    /// <summary>The interface carries what is wanted.</summary>
    public const string InSync = "InSync";

    /// <summary>A limit is reached and nothing waits.</summary>
    public const string AtLimit = "AtLimit";

    /// <summary>Addresses are being added.</summary>
    public const string Growing = "Growing";

    /// <summary>Addresses are being given back.</summary>
    public const string Shrinking = "Shrinking";

    /// <summary>Pods wait and the node is at its limit.</summary>
    public const string NodeLimitReached = "NodeLimitReached";

    /// <summary>Pods wait and the subnet has no address left.</summary>
    public const string SubnetExhausted = "SubnetExhausted";

    /// <summary>Pods wait and the virtual network's budget is spent.</summary>
    public const string VNetLimitReached = "VNetLimitReached";

    /// <summary>Pods wait for Azure's rate limit.</summary>
    public const string Throttled = "Throttled";

    /// <summary>Azure Resource Manager, or the identity provider that gives the token for it, does not answer.</summary>
    public const string ArmUnreachable = "ArmUnreachable";

    /// <summary>Azure Resource Manager answers with an error that is no state of its own; the message names its code.</summary>
    public const string ArmError = "ArmError";

    /// <summary>The node's network interface does not exist.</summary>
    public const string NicNotFound = "NicNotFound";

    /// <summary>The identity lacks a right.</summary>
    public const string Forbidden = "Forbidden";

    /// <summary>The node's agent has not reported lately.</summary>
    public const string AgentNotReporting = "AgentNotReporting";

    /// <summary>The spec breaks a rule; the message names the field.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>The VirtualNetwork object that counts this pool's addresses breaks a rule; nothing is added meanwhile.</summary>
    public const string VirtualNetworkInvalid = "VirtualNetworkInvalid";

    /// <summary>VirtualNetwork: it is being deleted and waits for changes in flight.</summary>
    public const string Deleting = "Deleting";

    /// <summary>Stalled VirtualNetwork: another object stands for the same resource.</summary>
    public const string DuplicateResource = "DuplicateResource";

    /// <summary>Every reason, for tests and documentation.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InSync, AtLimit, Growing, Shrinking, NodeLimitReached, SubnetExhausted, VNetLimitReached, Throttled, ArmUnreachable,
        ArmError, NicNotFound, Forbidden, AgentNotReporting, InvalidSpec, VirtualNetworkInvalid, Deleting, DuplicateResource,
    ];
}

namespace Vnetcni.Api.Names;

/// <summary>Finalizer, labels, taint and condition of other objects by which the parts of the product know each other.</summary>
public static class WellKnownNames
{
    /// <summary>Finalizer of a NodeIpPool: addresses may still be on the node's network interface.</summary>
    public const string Finalizer = ApiGroup.Group + "/release-addresses";

    /// <summary>Finalizer of a VirtualNetwork: changes of pools are in flight that its next object would not know of.</summary>
    public const string VirtualNetworkFinalizer = ApiGroup.Group + "/settle-reservations";

    /// <summary>Label of objects that the operator made; its value is <see cref="ManagedByOperator"/>.</summary>
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>Value of <see cref="ManagedByLabel"/>.</summary>
    public const string ManagedByOperator = "vnetcni-operator";

    /// <summary>Key of the start-up taint (effect NoSchedule) that the operator removes when the node's agent reports.</summary>
    public const string AgentNotReadyTaint = ApiGroup.Group + "/agent-not-ready";

    /// <summary>Condition that the operator writes on a Node.</summary>
    public const string NodeCondition = "VNetAddressesAvailable";
}

namespace Vnetcni.Api.Names;

/// <summary>
/// Types of conditions. They follow kstatus: Reconciling and Stalled are present only while they are True.
/// Source: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
/// </summary>
public static class ConditionTypes
{
    /// <summary>The object does what it is for. False only while pods wait, or on a fault.</summary>
    public const string Ready = "Ready";

    /// <summary>Work is under way; present only while True.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>No progress before a person acts; present only while True.</summary>
    public const string Stalled = "Stalled";

    /// <summary>A limit is reached or near, though nothing waits yet.</summary>
    public const string CapacityLow = "CapacityLow";

    /// <summary>Azure Resource Manager asked us to slow down.</summary>
    public const string AzureThrottled = "AzureThrottled";

    /// <summary>The network interface was changed by somebody else.</summary>
    public const string Drifted = "Drifted";

    /// <summary>A person owns the pool's spec; the class's settings no longer reach it.</summary>
    public const string SpecOverridden = "SpecOverridden";

    /// <summary>Class: every subnet of its nodes can be read.</summary>
    public const string SubnetsReachable = "SubnetsReachable";

    /// <summary>Class: the identity has the rights that its nodes need.</summary>
    public const string PermissionsValid = "PermissionsValid";
}

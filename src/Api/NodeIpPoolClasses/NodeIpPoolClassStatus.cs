using Vnetcni.Api.Conditions;

namespace Vnetcni.Api.NodeIpPoolClasses;

/// <summary>Sums over the pools of a class.</summary>
public sealed record NodeIpPoolClassStatus
{
    /// <summary><c>metadata.generation</c> that this was computed from.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Nodes that the class won.</summary>
    public int? Nodes { get; init; }

    /// <summary>Addresses that pods hold.</summary>
    public int? Used { get; init; }

    /// <summary>Addresses ready for pods.</summary>
    public int? Free { get; init; }

    /// <summary>Addresses on the nodes' interfaces.</summary>
    public int? Held { get; init; }

    /// <summary>One condition per type.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Validation;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Controllers.Nodes;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>The most pod addresses of a node: the strictest of the operator's, the class's and the pool's own limit.</summary>
internal static class NodeLimits
{
    /// <summary>The limit, and who sets it. A person who owns a pool's spec can lower the class's limit, not raise it.</summary>
    public static NodeLimit Of(OperatorContext context, NodeIpPool pool, EffectiveSettings settings)
    {
        // Of equals the class is named: the spec of a pool that the operator made repeats it.
        var limit = new NodeLimit(int.MaxValue, string.Empty);
        if (ClassOf(context, pool) is { Spec: { } spec } value && SpecValidation.Validate(value).Count == 0)
            limit = new NodeLimit(EffectiveSettings.Of(spec).MaxAddresses, $"pool.maxAddresses of NodeIpPoolClass {value.Metadata.Name}");
        if (context.Settings.PerNode < limit.Most)
            limit = new NodeLimit(context.Settings.PerNode, "the operator's limit per node");
        return settings.MaxAddresses < limit.Most
            ? new NodeLimit(settings.MaxAddresses, $"pool.maxAddresses of NodeIpPool {pool.Metadata.Name}")
            : limit;
    }

    // A pool that a person wrote may name no class: then the one that its Node belongs to.
    private static NodeIpPoolClass? ClassOf(OperatorContext context, NodeIpPool pool)
    {
        if (pool.Spec?.ClassName is { Length: > 0 } name)
            return context.Classes.Get(new ObjectKey(name));
        V1Node? node = context.Nodes.Get(new ObjectKey(pool.Metadata.Name));
        return node is not null && ClassMatch.Of(node, context.Classes.Snapshot.Objects) is [var winner, ..] ? winner : null;
    }
}

/// <summary>The most pod addresses of a node.</summary>
/// <param name="Most">How many.</param>
/// <param name="Source">Which setting says so.</param>
internal readonly record struct NodeLimit(int Most, string Source);

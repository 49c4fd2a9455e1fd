using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>
/// Writes the operator's part of a pool's status. Every write carries the resourceVersion that its decision was computed from;
/// 409 (<see cref="KubeApiException.IsConflict"/>) means: read again, decide again.
/// </summary>
internal sealed class StatusWriter(OperatorContext context, SpecOwners owners)
{
    private static readonly KubePatchOptions Apply = new(KubePatchType.Apply, FieldManagers.OperatorStatus, Force: true, Subresource: "status");

    private static readonly KubePatchOptions ApplySpec = new(KubePatchType.Apply, FieldManagers.OperatorSpec, Force: true);

    /// <summary>Writes the status unless it is the same; returns the object as it is then.</summary>
    public async Task<NodeIpPool> WriteAsync(NodeIpPool pool, NodeIpPoolStatus status, CancellationToken cancellationToken)
    {
        var target = ApplyTarget.Of(pool.Metadata);
        var body = ApplyBodies.OperatorStatus(target, status);
        if (body.AsSpan().SequenceEqual(ApplyBodies.OperatorStatus(target, pool.Status ?? new NodeIpPoolStatus())))
        {
            owners.Told(pool);
            return pool;
        }

        var written = await context.Api.PatchAsync(OperatorKinds.Pools, new ObjectKey(pool.Metadata.Name), body, Apply, cancellationToken);
        owners.Told(written);
        return written;
    }

    /// <summary>Whether a person owns the pool's spec.</summary>
    public bool IsPersons(NodeIpPool pool) => owners.IsPersons(pool);

    /// <summary>A status with a verdict in it.</summary>
    public NodeIpPoolStatus With(NodeIpPool pool, NodeIpPoolStatus status, Verdict verdict, int? granted = null)
    {
        var generation = pool.Metadata.Generation ?? 0;
        verdict = verdict with { SpecOverridden = owners.IsPersons(pool) };
        return status with
        {
            ObservedGeneration = generation,
            Granted = granted ?? status.Granted,
            NextAttempt = verdict.NextAttempt,
            Conditions = verdict.Apply(status.Conditions, generation, context.Now),
        };
    }

    /// <summary>Lets a deleted pool go. At that time nobody else's word about the spec matters any more.</summary>
    public Task RemoveFinalizerAsync(NodeIpPool pool, CancellationToken cancellationToken)
    {
        var spec = Nodes.Controller.IsManaged(pool) ? pool.Spec : null;
        var body = ApplyBodies.OperatorSpec(ApplyTarget.Of(pool.Metadata), spec, finalizer: false);
        return context.Api.PatchAsync(OperatorKinds.Pools, new ObjectKey(pool.Metadata.Name), body, ApplySpec, cancellationToken);
    }
}

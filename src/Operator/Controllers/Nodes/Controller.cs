using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Validation;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Controllers.NodeIpPools;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>Gives each Azure node the pool that its class asks for, and takes it away when the node is gone for good.</summary>
internal sealed class Controller(OperatorContext context, NodeAbsence absence, SpecOwners owners) : IReconciler
{
    private static readonly TimeSpan AbsenceCheck = TimeSpan.FromMinutes(1);
    private readonly RefusedApplies refused = new();

    // Without force: a field that a person owns is a conflict, and theirs.
    private static readonly KubePatchOptions Apply = new(KubePatchType.Apply, FieldManagers.OperatorSpec);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.Settings.Uninstalling)
            return ReconcileResult.Done;
        var pool = context.Pools.Get(key);
        if (context.Nodes.Get(key) is not { } node)
        {
            refused.Forget(key.Name);
            owners.Forget(key.Name);
            return pool is null ? ReconcileResult.Done : await RetireAsync(pool, cancellationToken);
        }

        if (!ClassMatch.IsLinux(node) || !ProviderId.TryParse(node.Spec?.ProviderID, out _))
            return ReconcileResult.Done;
        if (pool is { Metadata.DeletionTimestamp: not null })
            return ReconcileResult.Done;
        if (pool is not null && !IsManaged(pool))
            return await GuardAsync(pool, cancellationToken);

        // Without a valid class a pool keeps its last settings.
        return ClassMatch.Of(node, context.Classes.Snapshot.Objects) is [{ Spec: { } spec } winner, ..] && SpecValidation.Validate(winner).Count == 0
            ? await ApplyAsync(key, pool, winner, spec, cancellationToken)
            : ReconcileResult.Done;
    }

    /// <summary>Whether the operator made it.</summary>
    public static bool IsManaged(NodeIpPool pool) =>
        pool.Metadata.Labels?.TryGetValue(WellKnownNames.ManagedByLabel, out var by) == true && by == WellKnownNames.ManagedByOperator;

    private async Task<ReconcileResult> ApplyAsync(
        ObjectKey key, NodeIpPool? pool, NodeIpPoolClass winner, NodeIpPoolClassSpec spec, CancellationToken cancellationToken)
    {
        var settings = EffectiveSettings.Of(spec);
        settings = settings with
        {
            MaxAddresses = Math.Min(settings.MaxAddresses, context.Settings.PerNode),
            WarmUp = Math.Min(settings.WarmUp, context.Settings.PerNode),
        };
        var resolved = NodeIpPoolSpec.Resolve(key.Name, winner.Metadata.Name, settings);
        var target = new ApplyTarget(key.Name, null);
        var body = ApplyBodies.OperatorSpec(target, resolved, finalizer: true);
        if (pool is not null && body.AsSpan().SequenceEqual(ApplyBodies.OperatorSpec(target, pool.Spec, finalizer: true)) && HasFinalizer(pool))
        {
            // Whoever owns what, it is what the class says.
            owners.Note(key.Name, pool, isPersons: false);
            return ReconcileResult.Done;
        }

        if (pool is not null && refused.IsKnown(pool, body, context.Time))
            return ReconcileResult.After(RefusedApplies.Interval);
        try
        {
            var applied = await context.Api.PatchAsync(OperatorKinds.Pools, key, body, Apply, cancellationToken);
            Metrics.Pool(pool is null ? "made" : "updated");
            owners.Note(key.Name, pool, isPersons: false);
            refused.Forget(key.Name);
            if (pool is null)
                context.Recorder.PoolCreated(applied, winner.Metadata.Name);
        }
        catch (KubeApiException e) when (e.IsConflict)
        {
            // A person owns a field: the whole spec is theirs alone from now on. The pool's own controller says so.
            Metrics.Pool("overridden");
            owners.Note(key.Name, pool, isPersons: true);
            if (pool is not null)
                refused.Note(pool, body, context.Time);
            return ReconcileResult.After(RefusedApplies.Interval);
        }

        return ReconcileResult.Done;
    }

    /// <summary>A pool that a person wrote gets our finalizer and nothing else.</summary>
    private async Task<ReconcileResult> GuardAsync(NodeIpPool pool, CancellationToken cancellationToken)
    {
        if (!HasFinalizer(pool))
        {
            var body = ApplyBodies.OperatorSpec(new ApplyTarget(pool.Metadata.Name, null, pool.Metadata.Uid), spec: null, finalizer: true);
            await context.Api.PatchAsync(OperatorKinds.Pools, new ObjectKey(pool.Metadata.Name), body, Apply, cancellationToken);
        }

        return ReconcileResult.Done;
    }

    private async Task<ReconcileResult> RetireAsync(NodeIpPool pool, CancellationToken cancellationToken)
    {
        if (pool.Metadata.DeletionTimestamp is not null || !IsManaged(pool))
            return ReconcileResult.Done;
        var consent = await absence.CheckAsync(pool, cancellationToken);
        if (consent.NodePresent)
            return ReconcileResult.Done;
        if (!consent.DrainConsented)
            return ReconcileResult.After(AbsenceCheck);
        await context.Api.DeleteAsync(
            OperatorKinds.Pools, new ObjectKey(pool.Metadata.Name), new KubeDeleteOptions(pool.Metadata.Uid), cancellationToken);
        Metrics.Pool("deleted");
        return ReconcileResult.Done;
    }

    private static bool HasFinalizer(NodeIpPool pool) => pool.Metadata.Finalizers?.Contains(WellKnownNames.Finalizer) == true;
}

using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>
/// Tells each Node by its condition whether its pods get addresses, and takes the start-up taint off once its agent serves. The operator
/// does it from the agents' reports: an agent that may write Nodes could write all of them.
/// </summary>
internal sealed class ReadinessKeeper(OperatorContext context) : IReconciler
{
    private static readonly KubePatchOptions ApplyStatus = new(KubePatchType.Apply, FieldManagers.OperatorStatus, Force: true, Subresource: "status");
    private static readonly KubePatchOptions Merge = new(KubePatchType.Merge, FieldManagers.OperatorStatus);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    // The version of the Node that the last write was computed from: until the cache shows another one, that write stands.
    private readonly Lock gate = new();
    private readonly Dictionary<string, string> decidedOn = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.Nodes.Get(key) is not { } node)
        {
            Forget(key);
            return ReconcileResult.Done;
        }

        var pool = context.Pools.Get(key);
        var told = node.Status?.Conditions?.FirstOrDefault(static c => c.Type == WellKnownNames.NodeCondition);
        if (context.Settings.Uninstalling)
            return told is null ? ReconcileResult.Done : await UntellAsync(key, node, cancellationToken);
        // A Node of another cloud or without a class is none of ours.
        if (!ClassMatch.IsLinux(node) || !ProviderId.TryParse(node.Spec?.ProviderID, out _) || (pool is null && told is null))
            return ReconcileResult.Done;
        var readiness = NodeReadiness.Of(node, pool);
        var (tells, untaints) = (Differs(told, readiness), readiness.AgentServes && node.Spec?.Taints?.Any(IsOurs) == true);
        if (!tells && !untaints)
            return ReconcileResult.Done;
        if (!IsFirstOn(key, node.Metadata.ResourceVersion))
            return ReconcileResult.After(Soon);
        try
        {
            if (tells)
                await TellAsync(key, node, told, readiness, cancellationToken);
            if (untaints)
                await UntaintAsync(key, node.Metadata.Uid, cancellationToken);
            return ReconcileResult.Done;
        }
        catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // The kubelet, or another controller, was first; or the Node is gone.
            Forget(key);
            return ReconcileResult.After(Soon, 1);
        }
        catch (Exception e) when (TransientErrors.Is(e))
        {
            Forget(key);
            throw;
        }
    }

    private bool IsFirstOn(ObjectKey key, string version)
    {
        lock (gate)
        {
            if (decidedOn.TryGetValue(key.Name, out var last) && last == version)
                return false;
            decidedOn[key.Name] = version;
            return true;
        }
    }

    private void Forget(ObjectKey key)
    {
        lock (gate)
            decidedOn.Remove(key.Name);
    }

    private Task<V1Node> TellAsync(ObjectKey key, V1Node node, V1NodeCondition? told, NodeReadiness readiness, CancellationToken cancellationToken)
    {
        var same = told?.LastTransitionTime is not null && told.Status == (readiness.Available ? "True" : "False");
        var since = same ? new DateTimeOffset(told!.LastTransitionTime!.Value.ToUniversalTime()) : context.Now;
        return context.Api.PatchAsync(KubeKinds.Nodes, key, NodeBodies.Condition(node, readiness, since, context.Now), ApplyStatus, cancellationToken);
    }

    private async Task<ReconcileResult> UntellAsync(ObjectKey key, V1Node node, CancellationToken cancellationToken)
    {
        try
        {
            await context.Api.PatchAsync(KubeKinds.Nodes, key, NodeBodies.NoCondition(node), ApplyStatus, cancellationToken);
        }
        catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // Another object of this name, or none: there is nothing of ours on it.
            return ReconcileResult.Done;
        }

        return ReconcileResult.After(Soon);
    }

    private async Task UntaintAsync(ObjectKey key, string uid, CancellationToken cancellationToken)
    {
        var node = await context.Api.GetAsync(KubeKinds.Nodes, key, cancellationToken);
        if (node?.Metadata.Uid != uid || node.Spec?.Taints is not { } taints || !taints.Any(IsOurs))
            return;
        // The machine may have restarted since the cache saw it: the report is of the boot before.
        if (!NodeReadiness.Of(node, context.Pools.Get(key)).AgentServes)
            return;
        await context.Api.PatchAsync(KubeKinds.Nodes, key, NodeBodies.Taints(node, [.. taints.Where(static t => !IsOurs(t))]), Merge, cancellationToken);
        Metrics.Untainted();
    }

    private static bool Differs(V1NodeCondition? told, NodeReadiness readiness) =>
        told is null || told.Status != (readiness.Available ? "True" : "False") || told.Reason != readiness.Reason || told.Message != readiness.Message;

    private static bool IsOurs(V1Taint taint) => taint.Key == WellKnownNames.AgentNotReadyTaint && taint.Effect == "NoSchedule";
}

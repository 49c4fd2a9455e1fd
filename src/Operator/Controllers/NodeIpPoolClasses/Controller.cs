using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Validation;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Controllers.Nodes;

namespace Vnetcni.Operator.Controllers.NodeIpPoolClasses;

/// <summary>Sums a class's nodes up, not more often than every few seconds, and says when the class breaks a rule.</summary>
internal sealed class Controller(OperatorContext context) : IReconciler
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly KubePatchOptions Apply = new(KubePatchType.Apply, FieldManagers.OperatorStatus, Force: true, Subresource: "status");
    private readonly Dictionary<string, (long At, long? Generation)> written = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.Classes.Get(key) is not { } value)
        {
            written.Remove(key.Name);
            return ReconcileResult.Done;
        }

        // A new spec is answered at once, counts when they have gathered.
        if (written.TryGetValue(key.Name, out var last) && last.Generation == value.Metadata.Generation
            && Interval - context.Time.GetElapsedTime(last.At) is { Ticks: > 0 } wait)
            return ReconcileResult.After(wait);

        var pools = context.Pools.Snapshot.Objects.Where(p => p.Spec?.ClassName == key.Name).ToArray();
        var status = ClassStatusText.Of(value, pools, Lost(value), context.Now);
        Metrics.Class(key.Name, pools.Length, status.Used ?? 0, status.Free ?? 0, status.Held ?? 0);
        var target = ApplyTarget.Of(value.Metadata);
        var body = ApplyBodies.ClassStatus(target, status);
        if (body.AsSpan().SequenceEqual(ApplyBodies.ClassStatus(target, value.Status ?? new NodeIpPoolClassStatus())))
            return ReconcileResult.Done;
        if (SpecValidation.Validate(value) is { Count: > 0 } errors)
            context.Recorder.Invalid(value, SpecError.Join(errors));
        written[key.Name] = (context.Time.GetTimestamp(), value.Metadata.Generation);
        await context.Api.PatchAsync(OperatorKinds.Classes, key, body, Apply, cancellationToken);
        return ReconcileResult.Done;
    }

    private IReadOnlyList<(string Winner, int Nodes)> Lost(NodeIpPoolClass value)
    {
        var lost = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in context.Nodes.Snapshot.Objects)
        {
            var matches = ClassMatch.Of(node, context.Classes.Snapshot.Objects);
            if (matches.Count > 1 && matches[0].Metadata.Name is var winner && winner != value.Metadata.Name
                && matches.Any(m => m.Metadata.Name == value.Metadata.Name))
                lost[winner] = lost.GetValueOrDefault(winner) + 1;
        }

        return [.. lost.Select(static l => (l.Key, l.Value))];
    }
}

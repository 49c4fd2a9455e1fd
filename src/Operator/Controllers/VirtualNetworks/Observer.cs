using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Looks at a virtual network in ARM now and then: ranges, peerings, how full the subnets are.</summary>
internal sealed class Observer(OperatorContext context, Ledgers ledgers, NetworkDirectory directory, VirtualNetworkClient client, ArmPause pause)
    : IReconciler
{
    /// <summary>Looks that are asked for come at most this often.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> lookedAt = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.VirtualNetworks.Get(key) is not { } network || !ResourceId.TryParse(network.Spec?.ResourceId, out var id)
            || !id.IsOfType(VirtualNetworkClient.ResourceType))
        {
            lookedAt.Remove(key.Name);
            return ReconcileResult.Done;
        }

        if (lookedAt.TryGetValue(key.Name, out var at) && ShortestInterval - context.Time.GetElapsedTime(at) is { Ticks: > 0 } early)
            return ReconcileResult.After(early);
        if (pause.Left is { Ticks: > 0 } paused)
            return ReconcileResult.After(paused);
        lookedAt[key.Name] = context.Time.GetTimestamp();
        var view = await directory.GetAsync(id, TimeSpan.Zero, cancellationToken);
        var usages = await client.GetUsagesAsync(id, cancellationToken);
        if (!view.IsSuccess || !usages.IsSuccess)
        {
            var error = (view.Error ?? usages.Error)!;
            pause.Note(error);
            return ReconcileResult.After(error.RetryAfter ?? context.Settings.UsageInterval);
        }

        var ledger = ledgers.Get(key.Name);
        ledger.Observe(new NetworkObservation(
            [.. view.Value.AddressPrefixes], [.. view.Value.PeeredPrefixes], [.. Subnets(view.Value, usages.Value, UsedSubnets(ledger))]));
        ledgers.Wake(key);
        return ReconcileResult.After(context.Settings.UsageInterval);
    }

    // Those of this process's own bindings, and those that the pools already tell of: a new leader has bound none yet.
    private SortedSet<string> UsedSubnets(Ledger ledger)
    {
        var used = new SortedSet<string>(ledger.Subnets, StringComparer.OrdinalIgnoreCase);
        foreach (var nic in context.Pools.Snapshot.Objects.SelectMany(static p => p.Status?.NetworkInterfaces ?? []))
        {
            if (nic.VirtualNetwork == ledger.Name && nic.Subnet?.Id is { Length: > 0 } subnet)
                used.Add(subnet);
        }

        return used;
    }

    private static IEnumerable<SubnetStatus> Subnets(
        VirtualNetworkView view, IReadOnlyList<SubnetUsage> usages, IEnumerable<string> used)
    {
        foreach (var id in used)
        {
            if (view.Subnets.FirstOrDefault(s => Same(s.Id, id)) is not { } subnet)
                continue;
            var usage = usages.FirstOrDefault(u => Same(u.SubnetId, id));
            var capacity = usage?.Limit ?? subnet.Capacity;
            yield return new SubnetStatus
            {
                Id = subnet.Id,
                Cidr = subnet.Prefixes.Count == 0 ? null : subnet.Prefixes[0],
                Capacity = capacity,
                Free = usage is null ? null : Math.Max(0, capacity - usage.Used),
            };
        }
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}

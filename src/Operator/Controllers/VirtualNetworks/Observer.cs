using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Looks at a virtual network in ARM now and then: ranges, peerings, how full the subnets are.</summary>
internal sealed class Observer(
    OperatorContext context, Ledgers ledgers, NetworkDirectory directory, VirtualNetworkClient client, OtherAddresses others, ArmPause pause)
    : IReconciler
{
    /// <summary>Looks that are asked for come at most this often.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, long> lookedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BudgetTrend> trends = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.VirtualNetworks.Get(key) is not { } network || !ResourceId.TryParse(network.Spec?.ResourceId, out var id)
            || !id.IsOfType(VirtualNetworkClient.ResourceType))
        {
            lookedAt.Remove(key.Name);
            trends.Remove(key.Name);
            return ReconcileResult.Done;
        }

        if (lookedAt.TryGetValue(key.Name, out var at) && ShortestInterval - context.Time.GetElapsedTime(at) is { Ticks: > 0 } early)
            return ReconcileResult.After(early);
        if (pause.Left(id.SubscriptionId) is { Ticks: > 0 } paused)
            return ReconcileResult.After(paused);
        lookedAt[key.Name] = context.Time.GetTimestamp();
        var view = await directory.GetAsync(id, TimeSpan.Zero, cancellationToken);
        var usages = await client.GetUsagesAsync(id, cancellationToken);
        if (!view.IsSuccess || !usages.IsSuccess)
        {
            var error = (view.Error ?? usages.Error)!;
            pause.Note(id.SubscriptionId, error);
            return ReconcileResult.After(error.RetryAfter ?? context.Settings.UsageInterval);
        }

        var ledger = ledgers.Get(key.Name);
        var ours = Ours(network);
        var foreign = await OthersAsync(id, usages.Value, ours, cancellationToken);
        var changed = ledger.Observe(new NetworkObservation(
            [.. view.Value.AddressPrefixes], [.. view.Value.PeeredPrefixes], [.. Subnets(view.Value, usages.Value, UsedSubnets(ledger), ours)])
        {
            Others = foreign,
            Runway = Runway(network),
        });
        if (changed)
            WakePools(key.Name);
        ledgers.Wake(key);
        return ReconcileResult.After(context.Settings.UsageInterval);
    }

    // Every pool publishes the ranges that see its pods' own addresses.
    private void WakePools(string network)
    {
        foreach (var pool in context.Pools.Snapshot.Objects.Where(p => p.Status?.NetworkInterfaces is [{ VirtualNetwork: { } name }, ..] && name == network))
            ledgers.WakePool(pool.Key());
    }

    // Where ARM shows no more than our pods and one primary address per node, there is nobody else, and nothing is listed.
    private async Task<int?> OthersAsync(
        ResourceId id, IReadOnlyList<SubnetUsage> usages, SortedDictionary<string, int> ours, CancellationToken cancellationToken)
    {
        var nodes = context.Pools.Snapshot.Objects.Count(
            p => p.Status?.NetworkInterfaces is [{ Subnet.Id: { } subnet }, ..] && IsIn(subnet, id));
        var explained = nodes + ours.Where(o => IsIn(o.Key, id)).Sum(static o => o.Value);
        return usages.Sum(static u => (long)u.Used) <= explained ? 0 : await others.OfAsync(id, cancellationToken);
    }

    private static bool IsIn(string subnet, ResourceId network) => ResourceId.TryParse(subnet, out var parsed) && network.Equals(parsed.Parent);

    private string? Runway(VirtualNetwork network)
    {
        if (network.Status is not { UsedByUs: { } used, Free: { } free })
            return null;
        var trend = trends.GetValueOrDefault(network.Metadata.Name, BudgetTrend.Empty).With(context.Now, used);
        trends[network.Metadata.Name] = trend;
        return trend.Runway(free);
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

    // With what is in flight: an address of ours that is taken for somebody else's would be missing in the shares.
    private SortedDictionary<string, int> Ours(VirtualNetwork network)
    {
        var ours = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var ceilings = (network.Status?.Reservations ?? []).ToDictionary(static r => r.Pool, static r => r.Ceiling);
        foreach (var pool in context.Pools.Snapshot.Objects)
        {
            if (pool.Status?.NetworkInterfaces is [{ Subnet.Id: { Length: > 0 } subnet }, ..])
            {
                var key = subnet.ToLowerInvariant();
                ours[key] = ours.GetValueOrDefault(key) + Math.Max(pool.Status.Held ?? 0, ceilings.GetValueOrDefault(pool.Metadata.Name));
            }
        }

        return ours;
    }

    private static IEnumerable<SubnetStatus> Subnets(
        VirtualNetworkView view, IReadOnlyList<SubnetUsage> usages, IEnumerable<string> used, SortedDictionary<string, int> ours)
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
                ForPods = usage is null ? null : Math.Min(capacity, Math.Max(0, capacity - usage.Used) + ours.GetValueOrDefault(id.ToLowerInvariant())),
            };
        }
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}

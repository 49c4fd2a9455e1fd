using Vnetcni.Api.Settings;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.PoolScaling;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Demand;
using Vnetcni.NodeAgent.Snat;

namespace Vnetcni.NodeAgent.Pool;

/// <summary>
/// The node's pool between its source and the ledger: takes in what is published, and plans how large it shall be and what is
/// given back. For one source, one call at a time; the view for ADD may be read by anybody.
/// </summary>
internal sealed class NodePool(AddressBook book, INodeNetwork network, AgentSettings settings, TimeProvider time) : IPoolView
{
    private ExcessWindow _excess = ExcessWindow.Empty;
    private IpAddress[]? _prepared;
    private volatile PoolSnapshot? _snapshot;
    private volatile bool _served;
    private int _desired;

    /// <summary>Keeps the egress rules; null where there are none.</summary>
    public EgressKeeper? Egress { get; init; }

    /// <summary>Keeps the mode; null where it does not change.</summary>
    public ModeKeeper? Mode { get; init; }

    /// <inheritdoc/>
    public TimeSpan AddTimeout => Settings.AddTimeout;

    /// <inheritdoc/>
    public int Mtu => Settings.Mtu;

    /// <inheritdoc/>
    public int MaxAddresses => Settings.MaxAddresses;

    /// <inheritdoc/>
    public PodSubnet? SubnetOf(IpAddress address) => _snapshot?.Subnets.FirstOrDefault(subnet => subnet.Range.Contains(address));

    /// <inheritdoc/>
    public string Explanation => _snapshot?.State ?? $"the pool of node {settings.NodeName} has not been read yet";

    /// <inheritdoc/>
    public string? NotServing => _served ? null : Explanation;

    /// <summary>Given when <see cref="Plan"/> may come to another result.</summary>
    public AsyncSignal Changed => book.Usage;

    /// <summary>When an excess is next due for release; null when there is none.</summary>
    public DateTimeOffset? ReleaseDue => _excess.Due(Settings.ReleaseDelay);

    /// <summary>The settings in effect.</summary>
    public EffectiveSettings Settings => _snapshot?.Settings ?? EffectiveSettings.Default;

    /// <summary>Whether the ledger is fenced; see <see cref="AddressLedger.Fenced"/>.</summary>
    public bool Fenced => book.Fenced;

    /// <summary>
    /// Routes for the addresses and egress rules first, so that none is handed out that the node would bounce; then the ledger. Throws
    /// <see cref="DataplaneException"/> when the node could not be prepared: to be tried again with the same snapshot.
    /// </summary>
    public async Task PublishAsync(PoolSnapshot snapshot, CancellationToken cancellationToken)
    {
        // A pool that is not there says nothing about the mode.
        if (Mode is not null && snapshot.Present)
            await Mode.PublishAsync(snapshot.Settings.DataplaneMode, cancellationToken);
        await PrepareAsync(snapshot, snapshot.Publication.Releasable, cancellationToken);
        // Offers too: one that is taken back may be a pod's as soon as the ledger has this snapshot.
        if (Egress is not null)
            await Egress.PublishAsync(snapshot, [.. Known(snapshot).Select(address => address.ToIPAddress())], cancellationToken);
        _snapshot = snapshot;
        book.Publish(snapshot.Publication, new LedgerPolicy { ReuseCooldown = snapshot.Settings.ReuseCooldown });
        // An empty pool serves where none is wanted: the first pod makes it grow.
        var enough = snapshot.Publication.Addresses.Count > 0 || (_desired == 0 && snapshot.Settings.MinFree == 0);
        _served |= snapshot.Present && book.Fenced && enough;
        // Offers that are known to be taken back are the node's again.
        await PrepareAsync(cancellationToken);
    }

    /// <summary>Prepares the node for the addresses of the ledger and of the last publication.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => PrepareAsync(_snapshot, [], cancellationToken);

    private IEnumerable<IpAddress> Known(PoolSnapshot? snapshot) =>
        (snapshot?.Publication.Addresses.Select(listed => listed.Address) ?? []).Concat(book.Addresses()).Distinct().Order();

    private async Task PrepareAsync(PoolSnapshot? snapshot, IEnumerable<IpAddress> offered, CancellationToken cancellationToken)
    {
        // What is offered may be another node's at any moment, also while no agent runs here: a route of ours would keep our pods from it.
        // The ledger of a new boot knows no offers; what became of them is marked. Before it is fenced, an offer of an older self may still
        // be on its way: nothing but what is in use is the node's for certain.
        var leaving = snapshot?.Publication.Addresses.Where(listed => listed.Releasing).Select(listed => listed.Address) ?? [];
        var known = book.Fenced || snapshot is { Publication.OwnWriteCommitted: true } ? Known(snapshot) : book.Addresses().Order();
        var held = known.Except(book.Offered()).Except(offered).Except(leaving).ToArray();
        if (_prepared is not null && held.AsSpan().SequenceEqual(_prepared))
            return;
        await network.PrepareAsync([.. held.Select(address => address.ToIPAddress())], cancellationToken);
        _prepared = held;
    }

    /// <summary>
    /// The wanted size, and the offers that go with it: they are out of use, and the node has no route for them, when this returns.
    /// Throws <see cref="AgentProtocol.CniException"/> (Io) when that could not be kept and <see cref="DataplaneException"/> when a
    /// route stayed; then nothing may be reported.
    /// </summary>
    /// <param name="pods">Pods bound to the node that need an address.</param>
    /// <param name="mayRelease">Whether the pool's owner takes addresses back.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<UsageReport> PlanAsync(PodCount pods, bool mayRelease, CancellationToken cancellationToken)
    {
        var report = Plan(pods, mayRelease);
        await PrepareAsync(cancellationToken);
        return report;
    }

    private UsageReport Plan(PodCount pods, bool mayRelease)
    {
        var now = time.GetUtcNow();
        var count = book.Count();
        var waiting = book.Waiting;
        var demand = new PoolDemand(pods.Scheduled, count.InUse, count.Unavailable, waiting, pods.Leaving);
        var current = Settings;
        _desired = PoolTarget.Desired(Scaling(current), demand, _desired);

        // What is wanted is reported as it is; what is kept is at most the node's share, while there is not enough for all.
        var kept = ShareCap.Apply(_desired, _snapshot?.Share);
        var held = count.Listed - count.Withdrawable;
        var release = 0;
        if (mayRelease && book.Fenced)
            (_excess, release) = _excess.Observe(held, kept, count.Assignable, current.ReleaseDelay, now);
        var releasable = book.Offer(release, Math.Clamp(kept - held, 0, count.Withdrawable));
        return new UsageReport(_desired, count.InUse, count.Assignable - release, count.Cooling, demand.Unserved(count.Assignable), releasable, book.Missing());
    }

    private static ScalingSettings Scaling(EffectiveSettings settings) => new()
    {
        MinFree = settings.MinFree,
        MaxFree = settings.MaxFree,
        BatchSize = settings.BatchSize,
        MaxAddresses = settings.MaxAddresses,
        WarmUp = settings.WarmUp,
        ReleaseDelay = settings.ReleaseDelay,
    };

    /// <summary>See <see cref="AddressBook.Revision"/>.</summary>
    public long Revision => book.Revision;

    /// <summary>See <see cref="AddressBook.NextRevision"/>.</summary>
    public long NextRevision(long seen) => book.NextRevision(seen);
}

using Vnetcni.Api.Settings;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.PoolScaling;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Demand;

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

    /// <inheritdoc/>
    public TimeSpan AddTimeout => Settings.AddTimeout;

    /// <inheritdoc/>
    public int Mtu => Settings.Mtu;

    /// <inheritdoc/>
    public int MaxAddresses => Settings.MaxAddresses;

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
    /// Routes for the addresses first, so that none is handed out that the node would bounce; then the ledger. Throws
    /// <see cref="DataplaneException"/> when the node could not be prepared: to be tried again with the same snapshot.
    /// </summary>
    public async Task PublishAsync(PoolSnapshot snapshot, CancellationToken cancellationToken)
    {
        await PrepareAsync(snapshot.Publication.Addresses.Select(listed => listed.Address), cancellationToken);
        _snapshot = snapshot;
        book.Publish(snapshot.Publication, new LedgerPolicy { ReuseCooldown = snapshot.Settings.ReuseCooldown });
        // An empty pool serves where none is wanted: the first pod makes it grow.
        var enough = snapshot.Publication.Addresses.Count > 0 || (_desired == 0 && snapshot.Settings.MinFree == 0);
        _served |= snapshot.Present && book.Fenced && enough;
    }

    /// <summary>Prepares the node for the addresses of the ledger and these.</summary>
    public async Task PrepareAsync(IEnumerable<IpAddress> listed, CancellationToken cancellationToken)
    {
        var held = listed.Concat(book.Addresses()).Distinct().Order().ToArray();
        if (_prepared is not null && held.AsSpan().SequenceEqual(_prepared))
            return;
        await network.PrepareAsync([.. held.Select(address => address.ToIPAddress())], cancellationToken);
        _prepared = held;
    }

    /// <summary>
    /// The wanted size, and the offers that go with it: they are out of use when this returns. Throws
    /// <see cref="AgentProtocol.CniException"/> (Io) when that could not be kept; then nothing may be reported.
    /// </summary>
    /// <param name="pods">Pods bound to the node that need an address.</param>
    /// <param name="mayRelease">Whether the pool's owner takes addresses back.</param>
    public UsageReport Plan(PodCount pods, bool mayRelease)
    {
        var now = time.GetUtcNow();
        var count = book.Count();
        var waiting = book.Waiting;
        var demand = new PoolDemand(pods.Scheduled, count.InUse, count.Cooling + count.Quarantined, waiting, pods.Leaving);
        var current = Settings;
        _desired = PoolTarget.Desired(Scaling(current), demand, _desired);

        var held = count.Listed - count.Withdrawable;
        var release = 0;
        if (mayRelease && book.Fenced)
            (_excess, release) = _excess.Observe(held, _desired, count.Assignable, current.ReleaseDelay, now);
        var releasable = book.Offer(release, Math.Clamp(_desired - held, 0, count.Withdrawable));
        return new UsageReport(_desired, count.InUse, count.Assignable - release, count.Cooling, demand.Unserved(count.Assignable), releasable);
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

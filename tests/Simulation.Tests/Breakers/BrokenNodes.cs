using System.Net;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;

namespace Vnetcni.Simulation.Tests.Breakers;

/// <summary>Says that it has swept, and has not.</summary>
internal sealed class NetworkThatNeverSweeps(INodeNetwork inner) : INodeNetwork
{
    public Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken) => inner.PrepareAsync(heldAddresses, cancellationToken);

    public Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken) => inner.UseModeAsync(mode, cancellationToken);

    public Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken) => inner.AttachAsync(request, cancellationToken);

    public Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken) => inner.DetachAsync(hostInterface, address, cancellationToken);

    public Task ReapAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken) => inner.CheckAsync(request, cancellationToken);
}

/// <summary>Refuses packets for every address that its agent ever held.</summary>
internal sealed class NetworkThatKeepsRoutes(INodeNetwork inner) : INodeNetwork
{
    private readonly HashSet<IPAddress> ever = [];

    public Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken)
    {
        ever.UnionWith(heldAddresses);
        return inner.PrepareAsync([.. ever], cancellationToken);
    }

    public Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken) => inner.UseModeAsync(mode, cancellationToken);

    public Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken) => inner.AttachAsync(request, cancellationToken);

    public Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken) => inner.DetachAsync(hostInterface, address, cancellationToken);

    public Task ReapAsync(CancellationToken cancellationToken) => inner.ReapAsync(cancellationToken);

    public Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

    public Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken) => inner.CheckAsync(request, cancellationToken);
}

/// <summary>A clock on which every rest is over ten times as soon.</summary>
internal sealed class HurriedTime(TimeProvider inner) : TimeProvider
{
    private readonly DateTimeOffset start = inner.GetUtcNow();

    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => start + ((inner.GetUtcNow() - start) * 10);

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}

/// <summary>Keeps nothing of what was offered, and after a reboot says that nothing was ever sent: no usage write fences older ones.</summary>
internal sealed class StoreThatForgets(ILedgerStore inner) : ILedgerStore
{
    public LedgerImage Load() => inner.Load() is { Valid: true } image ? image : new LedgerImage(true, [], new LedgerMeta(Fenced: true, Revision: 0), string.Empty);

    public void Append(in LedgerRecord record)
    {
        if (record.State is AddressState.Offered or AddressState.Withdrawing)
            inner.Drop(record.Address);
        else
            inner.Append(record);
    }

    public void Drop(IpAddress address) => inner.Drop(address);

    public void Append(LedgerMeta meta) => inner.Append(meta);

    public void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta) =>
        inner.Replace([.. records.Where(record => record.State is not (AddressState.Offered or AddressState.Withdrawing))], meta);
}

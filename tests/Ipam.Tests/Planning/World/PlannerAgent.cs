using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;

namespace Vnetcni.Ipam.Tests.Planning.World;

/// <summary>
/// An agent that keeps the release rules (3, 5, 8, 9) in their simplest form: a view of the pool, a ledger, one usage write
/// on its way at a time. It never withdraws an address that it has offered.
/// </summary>
internal sealed class PlannerAgent(PlannerWorld world)
{
    private readonly SortedSet<IpAddress> offered = [];
    private ImmutableArray<IpAddress> usable = [];
    private PoolSnapshot seen = world.Pool;
    private int seenVersion;
    private (int Version, int Desired, ImmutableHashSet<IpAddress> Releasable)? sent;
    private bool fenced;

    /// <summary>Addresses of live pods.</summary>
    public List<IpAddress> InUse { get; } = [];

    public int Wanted { get; set; }

    public void See()
    {
        (seen, seenVersion) = (world.Pool, world.PoolVersion);
        // Off the list: gone for good, or to be taken in anew later.
        offered.RemoveWhere(a => seen.Addresses.All(l => l.Address != a));
        usable = fenced
            ? [.. seen.Addresses.Where(a => !a.Releasing && !offered.Contains(a.Address) && !seen.Releasable.Contains(a.Address)).Select(a => a.Address)]
            : [];
    }

    public void StartPod()
    {
        var free = usable.Where(a => !InUse.Contains(a) && !offered.Contains(a)).ToArray();
        if (free.Length > 0 && InUse.Count < Wanted)
            InUse.Add(free[0]);
    }

    public void StopPod()
    {
        if (InUse.Count > 0)
            InUse.RemoveAt(0);
    }

    /// <summary>Takes free addresses out of use, then tells.</summary>
    public void Send()
    {
        var listed = seen.Addresses.Where(a => !a.Releasing).Select(a => a.Address).ToHashSet();
        var excess = listed.Count(a => !offered.Contains(a)) - Wanted;
        foreach (var address in usable.Where(a => !InUse.Contains(a) && !offered.Contains(a)).Reverse())
        {
            if (excess-- > 0 && fenced)
                offered.Add(address);
        }

        if (seen.Desired != Wanted || !seen.Releasable.SetEquals(offered) || !fenced)
            sent = (seenVersion, Wanted, [.. offered]);
    }

    public void Deliver(bool lost)
    {
        if (sent is not { } write)
            return;
        sent = null;
        if (!lost && world.WritePool(write.Version, world.Pool with { Desired = write.Desired, Releasable = write.Releasable }))
            fenced = true;
    }

    public void LoseLedger()
    {
        // The kernel's veths tell what is in use; the rest is unknown until an own write has been committed.
        offered.Clear();
        usable = [];
        (fenced, sent) = (false, null);
        seen = world.Pool;
        seenVersion = world.PoolVersion;
    }

    public void Reboot()
    {
        InUse.Clear();
        LoseLedger();
    }

    public string Show() =>
        $"in use [{string.Join(',', InUse.Select(a => a.Value & 0xff))}] offered [{string.Join(',', offered.Select(a => a.Value & 0xff))}] wanted {Wanted}";
}

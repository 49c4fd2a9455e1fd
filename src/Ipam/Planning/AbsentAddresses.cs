using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Planning;

/// <summary>Addresses that somebody else took off an interface, and that nobody gave up: which of them are added as they were.</summary>
internal sealed class AbsentAddresses
{
    private readonly ImmutableArray<IpAddress> _listed = [];
    private readonly ImmutableArray<IpAddress> _missed = [];
    private readonly PlanSettings _settings;

    public AbsentAddresses(PoolSnapshot pool, HashSet<IpAddress> onNic, PlanSettings settings)
    {
        _settings = settings;
        if (pool.Deleting || !settings.PutsBack || settings.MaxGrowth == 0)
            return;
        var listed = pool.Addresses.Select(static a => a.Address).ToHashSet();
        _listed = [.. pool.Addresses.Where(a => !a.Releasing && IsWanted(a.Address)).Select(static a => a.Address).Distinct().Order()];
        Missing = [.. pool.Missing.Where(a => !listed.Contains(a) && IsWanted(a)).Order()];
        _missed = [.. settings.Missed.Where(a => !listed.Contains(a) && !Missing.Contains(a) && IsWanted(a)).Order()];

        bool IsWanted(IpAddress address) =>
            !address.IsNone && !onNic.Contains(address) && !pool.Releasable.Contains(address) && !settings.Lost.Contains(address);
    }

    /// <summary>Off the list, and held by pods.</summary>
    public ImmutableArray<IpAddress> Missing { get; } = [];

    /// <summary>
    /// Those of the list, under the ETag of which nobody could have released them; and among what is added anyway those that pods hold,
    /// then those that were off the list by the time that somebody could act.
    /// </summary>
    /// <param name="nic">The interface.</param>
    /// <param name="keep">ipConfigurations of ours that stay.</param>
    /// <param name="add">How many are added.</param>
    /// <param name="reservation">The open reservation.</param>
    public ImmutableArray<IpAddress> PutBack(NicSnapshot nic, int keep, int add, Reservation reservation)
    {
        var room = Math.Min(reservation.Ceiling - keep, _settings.NicLimit - nic.Foreign.Length - keep);
        var back = _listed.Take(Math.Max(0, room)).ToList();
        back.AddRange(Missing.Concat(_missed).Take(Math.Max(0, add - back.Count)));
        return [.. back];
    }
}

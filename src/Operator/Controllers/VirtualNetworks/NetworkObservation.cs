using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>What ARM showed of a virtual network.</summary>
/// <param name="AddressPrefixes">Its ranges.</param>
/// <param name="PeeredPrefixes">Ranges of networks that are peered with it.</param>
/// <param name="Subnets">The subnets that nodes use, ordered by id.</param>
internal sealed record NetworkObservation(
    IReadOnlyList<string> AddressPrefixes, IReadOnlyList<string> PeeredPrefixes, IReadOnlyList<SubnetStatus> Subnets)
{
    /// <summary>Room per subnet, less what has been granted since ARM was read.</summary>
    public IReadOnlyList<SubnetRoom> Rooms(IReadOnlyDictionary<string, int> grantedSince) =>
    [
        .. Subnets
            .Where(static s => s.Capacity is not null && s.Free is not null)
            .Select(s => (Id: s.Id.ToLowerInvariant(), Status: s))
            .Select(s => new SubnetRoom(s.Id, s.Status.Capacity!.Value, Math.Max(0, s.Status.Free!.Value - grantedSince.GetValueOrDefault(s.Id)))),
    ];

    /// <summary>Pod addresses of others; null when ARM did not tell.</summary>
    public int? Others { get; init; }

    /// <summary>When the budget runs out, in words; null while that is not known.</summary>
    public string? Runway { get; init; }

    /// <summary>Whether another look showed the same ranges.</summary>
    public bool HasRangesOf(NetworkObservation other) =>
        AddressPrefixes.SequenceEqual(other.AddressPrefixes, StringComparer.Ordinal) && PeeredPrefixes.SequenceEqual(other.PeeredPrefixes, StringComparer.Ordinal);

    /// <summary>One subnet, or null.</summary>
    public SubnetStatus? Find(string subnetId) =>
        Subnets.FirstOrDefault(s => s.Id.Equals(subnetId, StringComparison.OrdinalIgnoreCase));
}

using System.Collections.Immutable;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Controllers.Nodes;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>From objects and answers to what the planner takes.</summary>
internal static class Snapshots
{
    /// <summary>Addresses that one agent may name; more than an interface holds is not believed.</summary>
    private const int MaxNamed = 256;

    public static PoolSnapshot Of(NodeIpPool pool, Consent consent)
    {
        var status = pool.Status;
        var usage = status?.Usage;
        return new PoolSnapshot
        {
            Name = pool.Metadata.Name,
            Uid = pool.Metadata.Uid,
            Incarnation = status?.Node?.NicResourceGuid ?? string.Empty,
            NicId = status?.NetworkInterfaces is [{ Id: { } id }, ..] ? id.ToLowerInvariant() : string.Empty,
            Addresses = Addresses(status),
            SettledReservation = status?.SettledReservation ?? string.Empty,
            Desired = usage?.Desired is { } desired ? Math.Clamp(desired, 0, int.MaxValue) : null,
            Waiting = Math.Max(0, usage?.Waiting ?? 0),
            Releasable = Parse(usage?.Releasable),
            Missing = Parse(usage?.Missing),
            Deleting = pool.Metadata.DeletionTimestamp is not null,
            NodePresent = consent.NodePresent,
            DrainConsented = consent.DrainConsented,
        };
    }

    public static NicSnapshot Of(NicView nic) => new(
        nic.ETag,
        nic.ResourceGuid,
        IsUpdating(nic),
        [
            .. nic.IpConfigurations
                .Where(static c => c is { IsOurs: true, IsPrimary: false })
                .Select(static c => new NicAddress(c.Name, Parse(c.Address), IsConfirmed(c)) { Leaving = c.IsLeaving })
                .OrderBy(static a => a.Address)
                .ThenBy(static a => a.Slot, StringComparer.Ordinal),
        ],
        [.. nic.IpConfigurations.Where(static c => !c.IsOurs || c.IsPrimary).Select(static c => c.Name)])
    {
        Id = nic.Id.ToLowerInvariant(),
    };

    public static ImmutableArray<PublishedAddress> Addresses(NodeIpPoolStatus? status) =>
    [
        .. (status?.NetworkInterfaces ?? [])
            .SelectMany(static n => n.Addresses ?? [])
            .Select(static a => new PublishedAddress(a.IpConfiguration ?? string.Empty, Parse(a.Address), a.State == AddressStates.Releasing)),
    ];

    /// <summary>Addresses as an agent names them; what is none is left out.</summary>
    public static ImmutableHashSet<IpAddress> Parse(IReadOnlyList<string>? texts)
    {
        var set = ImmutableHashSet.CreateBuilder<IpAddress>();
        foreach (var text in (texts ?? []).Take(MaxNamed))
        {
            if (IpAddress.TryParse(text, out var address))
                set.Add(address);
        }

        return set.ToImmutable();
    }

    private static bool IsUpdating(NicView nic) =>
        Is(nic.ProvisioningState, "Updating") || Is(nic.ProvisioningState, "Deleting") || nic.IpConfigurations.Any(static c => Is(c.State, "Updating"));

    private static bool IsConfirmed(NicIpConfiguration c) => c.Address is not null && (c.State.Length == 0 || Is(c.State, "Succeeded"));

    private static IpAddress Parse(string? text) => IpAddress.TryParse(text, out var address) ? address : default;

    private static bool Is(string state, string value) => state.Equals(value, StringComparison.OrdinalIgnoreCase);
}

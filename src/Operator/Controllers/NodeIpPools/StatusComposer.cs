using System.Collections.Immutable;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Ipam.Planning;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Makes the operator's whole part of a pool's status: what is left out of an apply body is removed by the server.</summary>
internal static class StatusComposer
{
    /// <summary>The status with the interface described as it is now; the list stays.</summary>
    public static NodeIpPoolStatus Describe(NodeIpPoolStatus? before, NodeBinding binding, NicView nic) =>
        WithInterface(before, binding, nic, nic.ResourceGuid, Snapshots.Addresses(before));

    /// <summary>The status with another list, of an interface that is there or (<paramref name="nic"/> null) gone.</summary>
    public static NodeIpPoolStatus Publish(NodeIpPoolStatus? before, NodeBinding binding, NicView? nic, Publish publish, DateTimeOffset now) =>
        WithInterface(before, binding, nic, publish.Incarnation, publish.Addresses) with
        {
            SettledReservation = publish.Reservation,
            SyncedAt = now,
            Operation = null,
        };

    /// <summary>The status with addresses marked Releasing.</summary>
    public static NodeIpPoolStatus Mark(NodeIpPoolStatus before, MarkReleasing mark)
    {
        var marked = mark.Addresses.Select(static a => a.ToString()).ToHashSet(StringComparer.Ordinal);
        return before with
        {
            NetworkInterfaces =
            [
                .. (before.NetworkInterfaces ?? []).Select(nic => nic with
                {
                    Addresses = [.. (nic.Addresses ?? []).Select(a => marked.Contains(a.Address) ? a with { State = AddressStates.Releasing } : a)],
                }),
            ],
        };
    }

    // Null, not empty: old API servers take an applied empty text for null and refuse it.
    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static NodeIpPoolStatus WithInterface(
        NodeIpPoolStatus? before, NodeBinding binding, NicView? nic, string incarnation, ImmutableArray<PublishedAddress> list)
    {
        var last = before?.NetworkInterfaces is { Count: > 0 } all ? all[0] : null;
        return (before ?? new NodeIpPoolStatus()) with
        {
            Node = new NodeIdentity
            {
                Uid = binding.NodeUid ?? before?.Node?.Uid,
                ProviderId = Text(binding.ProviderId),
                VmId = Text(binding.VmId) ?? before?.Node?.VmId,
                NicResourceGuid = Text(incarnation),
            },
            Zone = binding.Zone ?? before?.Zone,
            Snat = new SnatStatus { ExcludedCidrs = binding.ExcludedCidrs },
            Held = list.Length,
            NetworkInterfaces =
            [
                new NetworkInterfaceStatus
                {
                    Id = nic?.Id ?? binding.Nic.ToString(),
                    Name = nic?.Name ?? binding.Nic.Name,
                    MacAddress = Text(nic is null ? last?.MacAddress : nic.MacAddress),
                    PrimaryAddress = nic is null ? last?.PrimaryAddress : nic.Primary.Address,
                    Subnet = binding.Subnet,
                    VirtualNetwork = binding.NetworkName,
                    Addresses =
                    [
                        .. list.Select(static a => new AddressStatus
                        {
                            Address = a.Address.ToString(),
                            IpConfiguration = a.Slot,
                            State = a.Releasing ? AddressStates.Releasing : AddressStates.Available,
                        }),
                    ],
                },
            ],
        };
    }
}

using Vnetcni.ArmSimulator.Authorization;
using Vnetcni.ArmSimulator.Compute;
using Vnetcni.ArmSimulator.Network;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>All resources, each in the order of its lower-case id.</summary>
internal sealed class World
{
    public SortedSet<string> Subscriptions { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>"{subscription}/{resource group}".</summary>
    public SortedSet<string> Groups { get; } = new(StringComparer.OrdinalIgnoreCase);

    public SortedDictionary<string, VirtualNetwork> Vnets { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, ScaleSet> ScaleSets { get; } = new(StringComparer.Ordinal);

    /// <summary>VMs of all kinds, those of Uniform scale sets included.</summary>
    public SortedDictionary<string, VirtualMachine> Vms { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether NICs keep their past: only for a rule that shows it, since it is large.</summary>
    public bool RemembersPast { get; set; }

    public AccessTable Access { get; } = new();

    /// <summary>NICs of all kinds, those of Uniform scale sets included.</summary>
    public SortedDictionary<string, Nic> Nics { get; } = new(StringComparer.Ordinal);

    public void Know(ResourceId id)
    {
        Subscriptions.Add(id.Subscription);
        Groups.Add($"{id.Subscription}/{id.ResourceGroup}");
    }

    public Subnet? FindSubnet(ResourceId? id) =>
        id is { ChildType: not null } && Vnets.GetValueOrDefault(id.Parent.Key) is { } vnet
        && string.Equals(id.ChildType, "subnets", StringComparison.OrdinalIgnoreCase)
            ? vnet.Subnets.GetValueOrDefault(id.ChildName!)
            : null;

    public VirtualNetwork VnetOf(Subnet subnet) => Vnets[subnet.Id.Parent.Key];

    public void RequireScope(string subscription, string? group)
    {
        if (!Subscriptions.Contains(subscription))
            throw ArmErrors.SubscriptionNotFound(subscription);
        if (group is not null && !Groups.Contains($"{subscription}/{group}"))
            throw ArmErrors.GroupNotFound(group);
    }

    public Nic RequireNic(ResourceId id) => Nics.GetValueOrDefault(id.Key) ?? throw ArmErrors.ResourceNotFound(id);

    public VirtualNetwork RequireVnet(ResourceId id) => Vnets.GetValueOrDefault(id.Key) ?? throw ArmErrors.ResourceNotFound(id);

    public ScaleSet RequireScaleSet(ResourceId id) => ScaleSets.GetValueOrDefault(id.Key) ?? throw ArmErrors.ResourceNotFound(id);

    public VirtualMachine RequireVm(ResourceId id) => Vms.GetValueOrDefault(id.Key) ?? throw ArmErrors.ResourceNotFound(id);
}

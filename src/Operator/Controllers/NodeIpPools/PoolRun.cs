using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Controllers.Nodes;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>What one reconcile of a pool has read and written so far.</summary>
internal sealed record PoolRun
{
    /// <summary>The pool: a consistent read, or the answer of the last write.</summary>
    public required NodeIpPool Pool { get; init; }

    public required PoolMemory Memory { get; init; }

    public required EffectiveSettings Settings { get; init; }

    public required Consent Consent { get; init; }

    public required NodeBinding Binding { get; init; }

    /// <summary>The budget as it was read; its epoch goes with every request.</summary>
    public required BudgetView Budget { get; init; }

    /// <summary>The reservation under the pool's name, or null.</summary>
    public Reservation? Reservation { get; init; }

    /// <summary>The interface; null when it is gone with its VM.</summary>
    public NicView? Nic { get; init; }

    /// <summary>Whether ARM writes are only told.</summary>
    public bool DryRun { get; init; }

    public PoolSnapshot Snapshot => Snapshots.Of(Pool, Consent);

    public NicSnapshot NicSnapshot => Nic is null ? NicSnapshot.Gone : Snapshots.Of(Nic);

    public int Held => Snapshots.Addresses(Pool.Status).Length;
}

using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.ControllerRuntime.LeaderElection;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Controllers;

namespace Vnetcni.Operator;

/// <summary>
/// A whole operator: caches, lease, controllers. A host gives it HTTP clients and the machine's clock, a simulation gives it twins
/// in memory, a virtual clock and a seed; it is the same code. Everything runs on the caller's context.
/// </summary>
public sealed class OperatorInstance
{
    private readonly IKubeApi api;
    private readonly IArm arm;
    private readonly TimeProvider time;
    private readonly OperatorSettings settings;
    private readonly Jitter jitter;
    private readonly RuntimeObserver observer;
    private ControllerManager? manager;

    /// <summary>Makes an operator that does nothing yet. Throws <see cref="ArgumentException"/> for settings out of bounds.</summary>
    /// <param name="api">The API server.</param>
    /// <param name="arm">Azure Resource Manager.</param>
    /// <param name="time">The clock.</param>
    /// <param name="settings">Names and limits.</param>
    /// <param name="jitter">All randomness.</param>
    /// <param name="observer">Told about faults, for logs; null = nobody.</param>
    public OperatorInstance(
        IKubeApi api, IArm arm, TimeProvider time, OperatorSettings settings, Jitter jitter, RuntimeObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        (this.api, this.arm, this.time, this.settings, this.jitter) = (api, arm, time, settings, jitter);
        this.observer = observer ?? RuntimeObserver.None;
    }

    /// <summary>Whether the caches are filled: it can take over, or leads.</summary>
    public bool IsReady => manager?.IsSynced == true;

    /// <summary>Whether it leads now.</summary>
    public bool IsLeader => manager?.IsLeader == true;

    /// <summary>
    /// Works until cancelled or until the lease is lost; to be called once. Waits first for the API server, whose namespace
    /// kube-system names the cluster.
    /// </summary>
    public async Task<LeadershipEnd> RunAsync(CancellationToken cancellationToken)
    {
        string cluster;
        try
        {
            cluster = await ClusterIdentity.FindAsync(api, time, jitter, observer, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return LeadershipEnd.Stopped;
        }

        var recorder = new EventRecorder(
            api, new EventRecorderOptions { Component = "vnetcni-operator", Instance = settings.Identity }, time, observer);
        using var eventsStop = new CancellationTokenSource();
        var events = recorder.RunAsync(eventsStop.Token);
        var context = new OperatorContext(api, time, jitter, settings, recorder)
        {
            Nodes = new WatchCache<V1Node>(
                api, KubeKinds.Nodes, time, jitter, new WatchCacheOptions<V1Node> { Trim = NodeTrim.Apply }, observer),
            Pools = new WatchCache<NodeIpPool>(api, OperatorKinds.Pools, time, jitter, null, observer),
            Classes = new WatchCache<NodeIpPoolClass>(api, OperatorKinds.Classes, time, jitter, null, observer),
            VirtualNetworks = new WatchCache<VirtualNetwork>(api, OperatorKinds.VirtualNetworks, time, jitter, null, observer),
        };
        using var controllers = ControllerSet.Create(context, arm, cluster, observer);
        manager = controllers.Manage(Elector());
        try
        {
            return await manager.RunAsync(cancellationToken);
        }
        finally
        {
            eventsStop.Cancel();
            await events;
        }
    }

    private LeaderElector? Elector()
    {
        if (settings.LeaseName.Length == 0)
            return null;
        var options = new LeaderElectionOptions
        {
            Namespace = settings.LeaseNamespace,
            Name = settings.LeaseName,
            Identity = settings.Identity,
            LeaseDuration = settings.LeaseDuration,
            RenewDeadline = settings.LeaseDuration * (2.0 / 3),
            RetryPeriod = settings.LeaseDuration * (2.0 / 15),
        };
        return new LeaderElector(api, options, time, jitter, observer);
    }
}

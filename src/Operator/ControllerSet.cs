using System.Globalization;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.LeaderElection;
using Vnetcni.ControllerRuntime.Queueing;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Operations;
using Vnetcni.Operator.Azure.VirtualMachines;
using Vnetcni.Operator.Azure.VirtualNetworks;
using Vnetcni.Operator.Controllers;
using Vnetcni.Operator.Controllers.NodeIpPools;
using Vnetcni.Operator.Controllers.Nodes;
using Vnetcni.Operator.Controllers.VirtualNetworks;
using RuntimeController = Vnetcni.ControllerRuntime.Reconciliation.Controller;

namespace Vnetcni.Operator;

/// <summary>Builds the controllers and says what wakes which.</summary>
internal sealed class ControllerSet : IDisposable
{
    private readonly OperatorContext context;
    private readonly Ledgers ledgers;
    private readonly RuntimeController nodes;
    private readonly RuntimeController pools;
    private readonly RuntimeController classes;
    private readonly RuntimeController networks;
    private readonly RuntimeController observers;

    private ControllerSet(
        OperatorContext context,
        Ledgers ledgers,
        RuntimeController nodes,
        RuntimeController pools,
        RuntimeController classes,
        RuntimeController networks,
        RuntimeController observers)
    {
        (this.context, this.ledgers) = (context, ledgers);
        (this.nodes, this.pools, this.classes, this.networks, this.observers) = (nodes, pools, classes, networks, observers);
    }

    public static ControllerSet Create(OperatorContext context, IArm arm, string clusterUid, RuntimeObserver observer)
    {
        var slots = new SlotNames(clusterUid);
        var names = new OwnedNames(slots.ClusterId);
        var machines = new VirtualMachineClient(arm);
        var nics = new NetworkInterfaceClient(arm, names);
        var networkClient = new VirtualNetworkClient(arm);
        var pause = new ArmPause(context.Time);
        var desks = new Ledgers();
        var directory = new NetworkDirectory(context, networkClient);
        var absence = new NodeAbsence(context, machines, pause);
        var owners = new SpecOwners();
        var statuses = new StatusWriter(context, owners);
        var faults = new Faults(context, statuses, desks, pause);
        var rest = new RestKeeper(context, statuses, faults);
        var steps = new StepRunner(context, desks, statuses, new NicWriter(context, nics, names, statuses, faults), faults, rest, slots);
        var pool = new Controllers.NodeIpPools.Controller(
            context,
            absence,
            new PoolMemories(),
            new BindingFinder(context, machines, nics, directory, desks),
            new PoolReader(context, desks),
            nics,
            new OperationClient(arm),
            statuses,
            steps,
            rest,
            faults,
            pause);
        RuntimeController Make(string name, IReconciler reconciler, int workers) =>
            new(name, reconciler, context.Time, context.Jitter, new ControllerOptions { Workers = workers, Queue = new WorkQueueOptions() }, observer);
        var set = new ControllerSet(
            context,
            desks,
            Make("node", new Controllers.Nodes.Controller(context, absence, owners), 4),
            Make("nodeippool", pool, context.Settings.Workers),
            Make("nodeippoolclass", new Controllers.NodeIpPoolClasses.Controller(context), 1),
            Make("virtualnetwork", new Controllers.VirtualNetworks.Controller(context, desks, directory), 4),
            Make("virtualnetwork-usage", new Observer(context, desks, directory, networkClient, pause), 1));
        desks.Wake = key => set.networks.Queue.Add(key, 1);
        desks.Look = key => set.observers.Queue.Add(key);
        owners.Wake = key => set.pools.Queue.Add(key);
        set.Watch();
        return set;
    }

    /// <summary>The manager of caches and controllers, under an election if there is one.</summary>
    public ControllerManager Manage(LeaderElector? elector) => new ControllerManager(elector)
        .Add(context.Nodes).Add(context.Pools).Add(context.Classes).Add(context.VirtualNetworks)
        .Prepare(InventoryAsync)
        .Add(networks).Add(observers).Add(nodes).Add(pools).Add(classes);

    public void Dispose()
    {
        foreach (var controller in (RuntimeController[])[nodes, pools, classes, networks, observers])
            controller.Dispose();
    }

    /// <summary>
    /// A new leader mutates nothing before a clean read of what there is: every budget is read again and counted against the lists
    /// before it grants, and the caches must have reached what is there now.
    /// </summary>
    private async Task InventoryAsync(CancellationToken cancellationToken)
    {
        var retries = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        for (var failures = 1; ; failures++)
        {
            try
            {
                await CatchUpAsync(context.Nodes, KubeKinds.Nodes, cancellationToken);
                await CatchUpAsync(context.Pools, OperatorKinds.Pools, cancellationToken);
                await CatchUpAsync(context.Classes, OperatorKinds.Classes, cancellationToken);
                await CatchUpAsync(context.VirtualNetworks, OperatorKinds.VirtualNetworks, cancellationToken);
                break;
            }
            catch (Exception e) when (TransientErrors.Is(e))
            {
                await Task.Delay(context.Jitter.Lengthen(retries.After(failures), 0.2), context.Time, cancellationToken);
            }
        }

        foreach (var network in context.VirtualNetworks.Snapshot.Objects)
            ledgers.Reset(network.Metadata.Name);
    }

    // The consistent list names what exists; the cache must know every object of it, at least in that version.
    private async Task CatchUpAsync<T>(WatchCache<T> cache, KubeKind<T> kind, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<k8s.Models.V1ObjectMeta>
    {
        var options = new KubeListOptions { Limit = 500 };
        while (true)
        {
            var page = await context.Api.ListAsync(kind, options, cancellationToken);
            foreach (var value in page.Items)
            {
                // The watch is given time; an object that was deleted after the list is waited for in vain.
                for (var tries = 0; tries < 50 && !Knows(cache, value); tries++)
                    await Task.Delay(TimeSpan.FromMilliseconds(100), context.Time, cancellationToken);
            }

            if (page.Continue.Length == 0)
                return;
            options = options with { Continue = page.Continue };
        }
    }

    internal static bool Knows<T>(WatchCache<T> cache, T value)
        where T : class, k8s.IKubernetesObject<k8s.Models.V1ObjectMeta> =>
        cache.Get(value.Key()) is { } known && known.Metadata.Uid == value.Metadata.Uid
            && IsAtLeast(known.Metadata.ResourceVersion, value.Metadata.ResourceVersion);

    // Versions of one kind grow with time; where a server's are no numbers, another one is waited for in vain, for a short time.
    // Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    private static bool IsAtLeast(string? known, string? listed) =>
        ulong.TryParse(known, CultureInfo.InvariantCulture, out var a) && ulong.TryParse(listed, CultureInfo.InvariantCulture, out var b)
            ? a >= b
            : known == listed;

    private void Watch()
    {
        nodes.Watch(context.Nodes)
            .Watch(context.Pools, static c => c.Old is null || c.New is null || c.Old.Metadata.Generation != c.New.Metadata.Generation)
            .WatchMapped(context.Classes, _ => context.Nodes.Snapshot.Keys, static c => c.Old?.Metadata.Generation != c.New?.Metadata.Generation);
        pools.Watch(context.Pools)
            .WatchMapped(context.Nodes, static n => [n.Key()], static c => c.Old?.Spec?.ProviderID != c.New?.Spec?.ProviderID || c.Old?.Metadata.Uid != c.New?.Metadata.Uid)
            .WatchMapped(context.Classes, PoolsOf, static c => (c.Old?.Spec?.DryRun ?? false) != (c.New?.Spec?.DryRun ?? false))
            .WatchMapped(context.VirtualNetworks, Starved, static c => (c.New?.Status?.Free ?? 0) > (c.Old?.Status?.Free ?? 0));
        classes.Watch(context.Classes)
            .WatchMapped(context.Pools, static p => p.Spec?.ClassName is { Length: > 0 } name ? [new ObjectKey(name)] : [])
            .WatchMapped(context.Nodes, _ => context.Classes.Snapshot.Keys, static c => c.Old is null || c.New is null);
        networks.Watch(context.VirtualNetworks);
        observers.Watch(context.VirtualNetworks, static c => c.Old?.Metadata.Generation != c.New?.Metadata.Generation);
    }

    private IEnumerable<ObjectKey> PoolsOf(Api.NodeIpPoolClasses.NodeIpPoolClass value) => context.Pools.Snapshot.Objects
        .Where(p => p.Spec?.ClassName == value.Metadata.Name)
        .Select(static p => p.Key());

    /// <summary>Pools that want more of a virtual network in which something has become free.</summary>
    private IEnumerable<ObjectKey> Starved(Api.VirtualNetworks.VirtualNetwork network) => context.Pools.Snapshot.Objects
        .Where(p => p.Status?.NetworkInterfaces is [{ VirtualNetwork: { } name }, ..] && name == network.Metadata.Name)
        .Where(static p => p.Status?.Usage?.Desired > p.Status?.Held)
        .Where(static p => ConditionSet.IsTrue(p.Status?.Conditions, ConditionTypes.CapacityLow))
        .Select(static p => p.Key());
}

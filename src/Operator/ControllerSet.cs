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
using Vnetcni.Operator.Azure.Inventory;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Operations;
using Vnetcni.Operator.Azure.Scheduling;
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
    private readonly RuntimeController sweepers;
    private readonly RuntimeController shares;
    private readonly RuntimeController readiness;

    private ControllerSet(
        OperatorContext context,
        Ledgers ledgers,
        RuntimeController nodes,
        RuntimeController pools,
        RuntimeController classes,
        RuntimeController networks,
        RuntimeController observers,
        RuntimeController sweepers,
        RuntimeController shares,
        RuntimeController readiness)
    {
        (this.context, this.ledgers) = (context, ledgers);
        (this.nodes, this.pools, this.classes) = (nodes, pools, classes);
        (this.networks, this.observers, this.sweepers, this.shares) = (networks, observers, sweepers, shares);
        this.readiness = readiness;
    }

    public static ControllerSet Create(OperatorContext context, IArm arm, string clusterUid, RuntimeObserver observer)
    {
        var scheduled = new ScheduledArm(new NamingArm(arm), context.Time, context.Settings.ArmQuota);
        arm = scheduled;
        var slots = new SlotNames(clusterUid);
        var names = new OwnedNames(slots.ClusterId);
        var machines = new VirtualMachineClient(arm);
        var nics = new NetworkInterfaceClient(arm, names);
        var inventory = new ArmInventory(arm, names, context.Time);
        var networkClient = new VirtualNetworkClient(arm);
        var pause = new ArmPause(context.Time);
        var desks = new Ledgers();
        var directory = new NetworkDirectory(context, networkClient);
        var others = new OtherAddresses(context, new ForeignAddressClient(arm, names), pause);
        var absence = new NodeAbsence(context, machines, nics, pause);
        var owners = new SpecOwners();
        var statuses = new StatusWriter(context, owners);
        var faults = new Faults(context, statuses, desks, pause);
        var pace = new LookPace(scheduled);
        var rest = new RestKeeper(context, statuses, faults, desks);
        var steps = new StepRunner(context, desks, statuses, new NicWriter(context, nics, names, statuses, faults, pace), faults, rest, slots);
        var pool = new Controllers.NodeIpPools.Controller(
            context,
            absence,
            new PoolMemories(),
            new BindingFinder(context, machines, nics, inventory, directory, desks),
            new PoolReader(context.Api, desks),
            nics,
            new OperationClient(arm),
            statuses,
            steps,
            rest,
            new StandingCheck(context, inventory, rest),
            new ExclusionKeeper(context, statuses, desks),
            faults,
            pause,
            pace,
            scheduled);
        RuntimeController Make(string name, IReconciler reconciler, int workers) =>
            new(name, reconciler, context.Time, context.Jitter, new ControllerOptions { Workers = workers, Queue = new WorkQueueOptions() }, observer);
        var keeper = new ShareKeeper(context, desks);
        var set = new ControllerSet(
            context,
            desks,
            Make("node", new Controllers.Nodes.Controller(context, absence, owners), 4),
            Make("nodeippool", pool, context.Settings.Workers),
            Make("nodeippoolclass", new Controllers.NodeIpPoolClasses.Controller(context), 1),
            Make("virtualnetwork", new Controllers.VirtualNetworks.Controller(context, desks, directory), 4),
            Make("virtualnetwork-usage", new Observer(context, desks, directory, networkClient, others, pause), 1),
            Make("virtualnetwork-leftovers", new Sweeper(context, desks, absence, machines, nics, names, pause), 1),
            Make("virtualnetwork-shares", keeper, 1),
            Make("node-readiness", new ReadinessKeeper(context), 4));
        desks.Wake = key => set.networks.Queue.Add(key, 1);
        desks.Divide = key => set.shares.Queue.Add(key);
        desks.Look = key => set.observers.Queue.Add(key);
        desks.WakePool = key => set.pools.Queue.Add(key);
        keeper.Wake = key => set.pools.Queue.Add(key);
        owners.Wake = key => set.pools.Queue.Add(key);
        set.Watch();
        return set;
    }

    /// <summary>The manager of caches and controllers, under an election if there is one.</summary>
    public ControllerManager Manage(LeaderElector? elector) => new ControllerManager(elector)
        .Add(context.Nodes).Add(context.Pools).Add(context.Classes).Add(context.VirtualNetworks)
        .Prepare(InventoryAsync)
        .Add(networks).Add(observers).Add(sweepers).Add(shares).Add(nodes).Add(readiness).Add(pools).Add(classes);

    public void Dispose()
    {
        foreach (var controller in (RuntimeController[])[nodes, pools, classes, networks, observers, sweepers, shares, readiness])
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
        readiness.Watch(context.Nodes).Watch(context.Pools);
        pools.Watch(context.Pools, static c => c.New is not { } pool || !NicWriter.Starves(pool))
            // As urgent as a look at what was written: else no write begins while there are looks, and the slowest operation is the last.
            .Watch(context.Pools, static c => c.New is { } pool && NicWriter.Starves(pool), priority: 1)
            .WatchMapped(context.Nodes, static n => [n.Key()], static c => c.Old?.Spec?.ProviderID != c.New?.Spec?.ProviderID || c.Old?.Metadata.Uid != c.New?.Metadata.Uid)
            .WatchMapped(context.Classes, PoolsOf, static c => (c.Old?.Spec?.DryRun ?? false) != (c.New?.Spec?.DryRun ?? false))
            .WatchMapped(context.VirtualNetworks, Starved, static c => (c.New?.Status?.Free ?? 0) > (c.Old?.Status?.Free ?? 0));
        pools.WatchMapped(context.VirtualNetworks, _ => Misled(), static c => c.Old?.Metadata.Generation != c.New?.Metadata.Generation);
        classes.Watch(context.Classes)
            .WatchMapped(context.Pools, static p => p.Spec?.ClassName is { Length: > 0 } name ? [new ObjectKey(name)] : [])
            .WatchMapped(context.Nodes, _ => context.Classes.Snapshot.Keys, static c => c.Old is null || c.New is null);
        networks.Watch(context.VirtualNetworks)
            .WatchMapped(context.VirtualNetworks, _ => context.VirtualNetworks.Snapshot.Keys, static c => c.New is null);
        sweepers.Watch(context.VirtualNetworks, static c => c.New?.Status?.Reservations is { Count: > 0 })
            .WatchMapped(context.Pools, Reserved, static c => c.New is null);
        shares.Watch(context.VirtualNetworks, static c => c.Old?.Status?.Free != c.New?.Status?.Free || c.Old?.Metadata.Generation != c.New?.Metadata.Generation
                || ShareKeeper.RoomDiffers(c.Old?.Status, c.New?.Status))
            .WatchMapped(context.Pools, NetworksOf, static c => c.Old?.Status?.Usage?.Desired != c.New?.Status?.Usage?.Desired
                || c.Old?.Status?.Usage?.Waiting > 0 != c.New?.Status?.Usage?.Waiting > 0);
        observers.Watch(context.VirtualNetworks, static c => c.Old?.Metadata.Generation != c.New?.Metadata.Generation);
    }

    private static IEnumerable<ObjectKey> NetworksOf(Api.NodeIpPools.NodeIpPool pool) =>
        (pool.Status?.NetworkInterfaces ?? []).Select(static n => n.VirtualNetwork).OfType<string>().Select(static n => new ObjectKey(n));

    /// <summary>Networks with a reservation of this name. The pool itself may not know: the one before it left the reservation.</summary>
    private IEnumerable<ObjectKey> Reserved(Api.NodeIpPools.NodeIpPool pool) => context.VirtualNetworks.Snapshot.Objects
        .Where(n => n.Status?.Reservations?.Any(r => r.Pool == pool.Metadata.Name) == true)
        .Select(static n => n.Key());

    private IEnumerable<ObjectKey> PoolsOf(Api.NodeIpPoolClasses.NodeIpPoolClass value) => context.Pools.Snapshot.Objects
        .Where(p => p.Spec?.ClassName == value.Metadata.Name)
        .Select(static p => p.Key());

    /// <summary>Pools that a broken VirtualNetwork object keeps from changing.</summary>
    private IEnumerable<ObjectKey> Misled() => context.Pools.Snapshot.Objects
        .Where(static p => ConditionSet.Find(p.Status?.Conditions, ConditionTypes.Ready)?.Reason == Reasons.VirtualNetworkInvalid)
        .Select(static p => p.Key());

    /// <summary>Pools that want more of a virtual network in which something has become free.</summary>
    private IEnumerable<ObjectKey> Starved(Api.VirtualNetworks.VirtualNetwork network) => context.Pools.Snapshot.Objects
        .Where(p => p.Status?.NetworkInterfaces is [{ VirtualNetwork: { } name }, ..] && name == network.Metadata.Name)
        .Where(static p => p.Status?.Usage?.Desired > p.Status?.Held)
        .Where(static p => ConditionSet.IsTrue(p.Status?.Conditions, ConditionTypes.CapacityLow))
        .Select(static p => p.Key());
}

using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Node;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>
/// Which mode the node is in. Pods are attached and detached under a shared lock, the mode changes under the exclusive one and
/// while no pod is there: so every pod of a node is of one mode.
/// </summary>
internal sealed class ModeSwitch(LinuxNodeNetworkOptions options, SweepGroup group) : IDisposable
{
    private readonly ReaderWriterLockSlim _lock = new();
    private NodeBridge? _bridge;
    private bool _known;

    /// <summary>Runs something in the mode of now; it gets the bridge, or null in transparent mode.</summary>
    public T With<T>(NetlinkSocket host, Func<NodeBridge?, T> run)
    {
        Ensure(host);
        _lock.EnterReadLock();
        try
        {
            return run(_bridge);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Finds out the mode, once: a bridge of ours is kept, and a move that was cut short is finished.</summary>
    public void Ensure(NetlinkSocket host)
    {
        if (Volatile.Read(ref _known))
            return;
        Exclusive(() =>
        {
            if (!_known && BridgeObservation.Take(host, () => options.Nic ?? "").IsOurs)
                SetUp(host);
            else if (!_known)
                BridgeRules.DeleteLeftOver(options.BeforeSend);
            Volatile.Write(ref _known, true);
            return true;
        });
    }

    /// <inheritdoc cref="INodeNetwork.UseModeAsync"/>
    public string? Use(NetlinkSocket host, DataplaneMode mode)
    {
        Ensure(host);
        return Exclusive(() =>
        {
            if (mode == (_bridge is null ? DataplaneMode.Transparent : DataplaneMode.Bridge))
                return null;
            group.Reap(host);
            var pods = host.Links().Count(link => link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal));
            if (pods > 0)
                return $"the node stays in mode {(_bridge is null ? DataplaneMode.Transparent : DataplaneMode.Bridge)} while {pods} pods are on it; drain it, "
                    + $"and it changes to {mode} within a minute";
            if (mode == DataplaneMode.Bridge)
                SetUp(host);
            else
                TakeDown(host);
            return null;
        });
    }

    /// <summary>See <see cref="LinuxNodeNetwork.FaultsAsync"/>.</summary>
    public IReadOnlyList<string> Faults(NetlinkSocket host) => With(host, bridge =>
    {
        if (bridge is null)
            return [];
        var seen = BridgeObservation.Take(host, () => "");
        var (step, why) = BridgePlan.Next(seen, wanted: true);
        var faults = new List<string>(bridge.Rules.Faults());
        if (seen.Bridge?.Index != bridge.Index)
            faults.Add($"{BridgeMode.Name} is gone or another one");
        else if (step == BridgeStep.Refused)
            faults.Add(why);
        else if (step != BridgeStep.Done)
            faults.Add($"{seen.NicName} has {seen.NicAddresses.Count} addresses and {seen.NicRoutes.Others.Count} routes that belong on {BridgeMode.Name}, or is no port of it");
        return (IReadOnlyList<string>)faults;
    });

    /// <summary>See <see cref="LinuxNodeNetwork.RepairAsync"/>.</summary>
    public void Repair(NetlinkSocket host)
    {
        Ensure(host);
        _ = Exclusive(() =>
        {
            if (_bridge is null)
                return false;
            BridgeSettings.Enable();
            var seen = BridgeObservation.Take(host, () => options.Nic ?? "");
            if (seen.Bridge?.Index == _bridge.Index && BridgePlan.Next(seen, wanted: true).Step == BridgeStep.Done)
                _bridge.Rules.Repair();
            else
                SetUp(host);
            return true;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bridge?.Dispose();
        _lock.Dispose();
    }

    // The rules stand before the NIC becomes a port: no frame leaves with another MAC.
    private void SetUp(NetlinkSocket host)
    {
        BridgeSettings.Enable();
        var seen = BridgeObservation.Take(host, () => Uplink.Find(host, options.Nic).Name);
        var (step, why) = BridgePlan.Next(seen, wanted: true);
        if (step == BridgeStep.Refused)
            throw new DataplaneException(DataplaneFault.Kernel, $"bridge mode: {why}", Errno.Busy);
        var rules = new BridgeRules(seen.NicName, seen.Nic!.Mac, options.BeforeSend);
        try
        {
            var before = seen.IsOurs ? new NodeBridge(seen.Bridge!, rules).FindPods(host) : [];
            rules.Restore(before);
            seen = BridgeMove.Run(host, () => seen.NicName, wanted: true);
        }
        catch
        {
            rules.Dispose();
            // The table may be left over: it does nothing without the bridge, and goes when the mode is looked at next.
            Volatile.Write(ref _known, _bridge is not null);
            throw;
        }
        _bridge?.Dispose();
        _bridge = new NodeBridge(seen.Bridge!, rules);
    }

    private void TakeDown(NetlinkSocket host)
    {
        BridgeMove.Run(host, () => options.Nic ?? "", wanted: false);
        _bridge!.Rules.Delete();
        _bridge.Dispose();
        _bridge = null;
    }

    private T Exclusive<T>(Func<T> run)
    {
        _lock.EnterWriteLock();
        try
        {
            return run();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }
}

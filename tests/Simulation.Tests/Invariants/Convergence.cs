using Vnetcni.Api.NodeIpPools;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Simulation.Tests.Workload;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Nodes;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>Invariant 6: nothing leaks. Some time after the last fault everything is where it belongs, and nothing is anywhere else.</summary>
internal static class Convergence
{
    public const int Number = 6;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    /// <summary>Waits until nothing is amiss; throws with what still is when the time is over. Returns how long it took.</summary>
    public static async Task<TimeSpan> WaitAsync(SimWorld world, SimWorkload workload)
    {
        var start = world.Simulator.Time.Elapsed;
        while (true)
        {
            var amiss = Amiss(world, workload).ToArray();
            var took = world.Simulator.Time.Elapsed - start;
            if (amiss.Length == 0)
            {
                world.Timeline.Add($"all is well after {took}");
                return took;
            }

            if (took > world.Options.Healing)
                throw new InvariantException(Number, $"{took} after the last fault: {string.Join("; ", amiss.Take(8))}");
            await world.Simulator.Delay(Look);
        }
    }

    private static IEnumerable<string> Amiss(SimWorld world, SimWorkload workload)
    {
        if (world.Troubles > 0)
            yield return $"{world.Troubles} troubles are not over";
        foreach (var kubelet in workload.Kubelets)
        {
            if (kubelet.Node.IsGone)
            {
                foreach (var fault in LeftBehind(world, kubelet))
                    yield return $"{kubelet.Node.Name} is gone: {fault}";
                continue;
            }

            foreach (var pod in kubelet.Pods.Where(pod => pod.IsDeleted || pod.Address is null))
                yield return pod.IsDeleted ? $"{pod.Name} is not gone yet" : $"{pod.Name} on {kubelet.Node.Name} has no address";
            foreach (var fault in Leaks(kubelet.Node, kubelet.Pods).Concat(PoolFaults(world, kubelet)))
                yield return $"{kubelet.Node.Name}: {fault}";
        }
    }

    private static IEnumerable<string> LeftBehind(SimWorld world, SimKubelet kubelet)
    {
        if (kubelet.Pods.Count > 0)
            yield return $"{kubelet.Pods.Count} pods are not gone yet";
        if (world.Pools.Exists(kubelet.Node.Name))
            yield return "its pool is there";
        var left = world.Cloud.Addresses.Addresses.Count(entry => SimCloud.IsOurs(entry) && entry.Nic.Equals(kubelet.Node.NicId, StringComparison.OrdinalIgnoreCase));
        if (left > 0)
            yield return $"{left} ipConfigurations of ours are on its interface";
    }

    private static IEnumerable<string> Leaks(SimNode node, IReadOnlyList<SimPod> pods)
    {
        var wanted = pods.Where(pod => pod.Address is not null).Select(pod => pod.Address!).Order(StringComparer.Ordinal).ToArray();
        var linked = node.Kernel.Links.Select(link => link.Route?.ToString() ?? link.Name).Order(StringComparer.Ordinal).ToArray();
        if (!linked.SequenceEqual(wanted, StringComparer.Ordinal))
            yield return $"links [{string.Join(' ', linked)}], pods have [{string.Join(' ', wanted)}]";
        if (node.Serving is not { } serving)
        {
            yield return "no agent serves";
            yield break;
        }

        var records = serving.Agent.Records;
        var held = records.Where(record => record.State == AddressState.Assigned).Select(record => record.Address.ToString()).Order(StringComparer.Ordinal);
        if (!held.SequenceEqual(wanted, StringComparer.Ordinal))
            yield return $"the ledger holds [{string.Join(' ', held)}], pods have [{string.Join(' ', wanted)}]";
        foreach (var record in records.Where(record => record.State is not (AddressState.Assigned or AddressState.Free)))
            yield return $"{record.Address} is {record.State} {record.Reason}";
    }

    // An address of a pod that somebody took off the interface. A model takes no wish for an address.
    private static bool CanBePutBack(SimWorld world, SimNode node, string address, int held) =>
        !world.Cloud.IsUniform(node.Number) && world.RoomLeft > 0 && held < world.Options.Pool.MaxAddresses
        && !world.Cloud.Addresses.Addresses.Any(entry => entry.Address == address);

    private static IEnumerable<string> PoolFaults(SimWorld world, SimKubelet kubelet)
    {
        var node = kubelet.Node;
        var listed = world.Pools.All.GetValueOrDefault(node.Name) ?? [];
        var onNic = world.Cloud.Addresses.Addresses.Where(entry => SimCloud.IsOurs(entry) && entry.Nic.Equals(node.NicId, StringComparison.OrdinalIgnoreCase)).ToArray();
        var names = listed.Select(a => $"{a.IpConfiguration}={a.Address}").Order(StringComparer.Ordinal).ToArray();
        var inArm = onNic.Select(entry => $"{entry.IpConfiguration}={entry.Address}").Order(StringComparer.Ordinal).ToArray();
        if (!names.SequenceEqual(inArm, StringComparer.Ordinal))
            yield return $"the pool lists {names.Length}, ARM has {inArm.Length}: {string.Join(' ', names.Except(inArm).Concat(inArm.Except(names)).Take(6))}";
        // A model may want a configuration of somebody else for which the subnet has no room: until it has, every write of it is refused.
        var cannot = world.Cloud.IsUniform(node.Number) && world.RoomLeft <= 0;
        var keeps = node.Kernel.Unreachable.Except(listed.Select(a => a.Address), StringComparer.Ordinal)
            .Where(address => kubelet.Pods.All(pod => pod.Address != address) || CanBePutBack(world, node, address, listed.Count)).ToArray();
        if (keeps.Length > 0)
            yield return $"the kernel holds {string.Join(' ', keeps)}, which the pool does not list";
        if (onNic.Any(entry => entry.State != "Succeeded") && !cannot)
            yield return "the NIC is not Succeeded";
        if (listed.Any(a => a.State != AddressStates.Available))
            yield return "addresses are still Releasing";
        var free = listed.Count - kubelet.Pods.Count;
        var limit = world.Options.Pool.MaxAddresses!.Value;
        var (least, most) = (Math.Min(world.Options.Pool.MinFree!.Value, limit - kubelet.Pods.Count), world.Options.Pool.MaxFree!.Value);
        // A subnet or a budget that others have filled has nothing to spare.
        if ((free < least && world.RoomLeft > 0) || free > most)
            yield return $"{free} free, wanted {least} to {most}";
    }
}

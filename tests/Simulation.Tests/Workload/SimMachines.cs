using System.Globalization;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Nodes;

namespace Vnetcni.Simulation.Tests.Workload;

/// <summary>Machines that go and come back: as they were, as others under the same name, or not at all.</summary>
internal sealed class SimMachines(SimWorld world, IReadOnlyList<SimKubelet> kubelets)
{
    private const int TriesBeforeAsking = 8;

    /// <summary>A restart of the machine: everything in memory is gone.</summary>
    public async Task RebootAsync(SimNode node, double leastSeconds = 10, double mostSeconds = 30)
    {
        if (!node.Take("reboots"))
            return;
        node.SwitchOff();
        await world.Weather.PassAsync(leastSeconds, mostSeconds);
        node.SwitchOn();
    }

    /// <summary>Somebody deletes the Node object; its kubelet, its pods and its VM are all right, and it registers again.</summary>
    public async Task ForgetAsync(SimNode node)
    {
        if (!node.Take("loses its Node object"))
            return;
        await DeleteNodeAsync(node);
        await world.Weather.PassAsync(2, 90);
        Register(node);
        node.Free("registers again");
    }

    /// <summary>Scaled in: the VM is deallocated, its interface stays; the Node and its pods go. It may come back.</summary>
    public async Task DeallocateAsync(SimNode node)
    {
        if (!node.Take("is deallocated"))
            return;
        var comesBack = world.Weather.Pick(2) == 0;
        SwitchOff(node);
        world.Cloud.Arm.SetPowerState(world.Cloud.VmResource(node.Number), "deallocated");
        await world.Weather.PassAsync(0, 20);
        await DeleteNodeAsync(node);
        if (!comesBack)
        {
            node.IsGone = true;
            // The operator leaves a pool that a person made to that person.
            if (world.Options.OwnPool)
                await world.Person.DeleteAsync(SimSetup.Pools, new ObjectKey(node.Name), new KubeDeleteOptions(), CancellationToken.None);
            node.Free("stays away");
            return;
        }

        await world.Weather.PassAsync(5, 240);
        world.Cloud.Arm.SetPowerState(world.Cloud.VmResource(node.Number), "running");
        Register(node);
        node.SwitchOn();
    }

    /// <summary>The VM is deleted with its interface, and another takes its name.</summary>
    public async Task ReplaceAsync(SimNode node)
    {
        if (!node.Take("is replaced by another VM of its name"))
            return;
        SwitchOff(node);
        world.Cloud.Arm.RemoveVm(world.Cloud.VmResource(node.Number));
        await world.Weather.PassAsync(0, 20);
        await DeleteNodeAsync(node);
        await world.Weather.PassAsync(1, 90);
        node.BeAnother();
        await BuildAsync(node);
        Register(node);
        node.SwitchOn();
    }

    // Where pods have taken all of the subnet, whoever wants to make a VM there lets them have fewer until it stands.
    private async Task BuildAsync(SimNode node)
    {
        var limited = false;
        for (var tries = 1; !world.Cloud.TryBuild(node); tries++)
        {
            if (tries % TriesBeforeAsking == 0)
            {
                await LimitPodsAsync(Math.Max(1, world.Cloud.Addresses.Addresses.Count(SimCloud.IsOurs) - 4));
                limited = true;
            }

            await world.Weather.PassAsync(5, 10);
        }

        if (limited)
            await LimitPodsAsync(world.Options.VNetLimit);
    }

    private Task LimitPodsAsync(int addresses)
    {
        world.Timeline.Add($"a person sets the virtual network's podAddressLimit to {addresses}");
        return world.PatchAsPersonAsync(
            SimSetup.Networks, SimSetup.NetworkName(world.Cloud), string.Create(CultureInfo.InvariantCulture, $$$"""{"spec":{"podAddressLimit":{{{addresses}}}}}"""));
    }

    private void SwitchOff(SimNode node)
    {
        node.SwitchOff();
        foreach (var pod in kubelets.Single(kubelet => kubelet.Node == node).Pods.ToArray())
            pod.Delete();
    }

    private Task DeleteNodeAsync(SimNode node) =>
        world.Person.DeleteAsync(KubeKinds.Nodes, new ObjectKey(node.Name), new KubeDeleteOptions(), CancellationToken.None);

    private void Register(SimNode node)
    {
        world.Timeline.Add($"{node.Name} registers");
        world.Person.Seed<V1Node>(KubeKinds.Nodes, SimSetup.Node(world.Cloud, node.Number));
    }
}

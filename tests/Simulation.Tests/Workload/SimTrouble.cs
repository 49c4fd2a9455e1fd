using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Nodes;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.Workload;

/// <summary>What befalls machines, networks and objects while the weather is rough, drawn from the seed.</summary>
internal sealed class SimTrouble(SimWorld world, IReadOnlyList<SimKubelet> kubelets)
{
    private readonly SimMachines machines = new(world, kubelets);
    private readonly SimHand hand = new(world, kubelets);
    private int touches;

    /// <summary>One trouble after the other until the time is over or the weather gets fine.</summary>
    public async Task RunAsync(TimeSpan duration)
    {
        var end = world.Simulator.Time.Elapsed + duration;
        while (world.Simulator.Time.Elapsed < end && world.Weather.IsRough)
        {
            await world.Weather.PassAsync(1, 2 * world.Options.TroubleEvery.TotalSeconds);
            if (world.Weather.IsRough)
                Next();
        }
    }

    public void Reboot() => Begin(() => machines.RebootAsync(AnyNode()));

    /// <summary>The machine of this agent restarts, soon.</summary>
    public void RestartQuickly(SimProcess agent)
    {
        // Its write may have come in after it had died.
        if (world.Nodes.FirstOrDefault(node => node.AgentProcess.Current == agent) is { } node)
            Begin(() => machines.RebootAsync(node, 0.5, 4));
    }

    private void Begin(Func<Task> trouble)
    {
        world.Troubles++;
        _ = world.Simulator.Spawn("trouble", EndAsync, endless: true);

        async Task EndAsync()
        {
            await trouble();
            world.Troubles--;
        }
    }

    private void Next()
    {
        switch (world.Weather.Pick(14))
        {
            case 0 or 1:
                Begin(() => Anyone().FreezeAsync(world.Weather.Between(1, 40)));
                break;
            case 2 or 3:
                JumpClock(Anyone().Place);
                break;
            case 4 or 5:
                Begin(() => CutAsync(Anyone()));
                break;
            case 6:
                world.Kube.Compact();
                world.Kube.DropWatches();
                break;
            case 7 when world.Weather.Pick(3) == 0:
                Begin(EditAsync);
                break;
            case 8:
                Begin(() => hand.WriteAsync(AnyNode()));
                break;
            case 9:
                Begin(() => machines.ForgetAsync(AnyNode()));
                break;
            case 10:
                Begin(() => machines.DeallocateAsync(AnyNode()));
                break;
            case 11:
                Begin(() => machines.ReplaceAsync(AnyNode()));
                break;
            case 12 when world.Weather.Pick(3) == 0:
                Begin(DeletePoolAsync);
                break;
            default:
                Begin(TouchAsync);
                break;
        }
    }

    private SimSupervisor Anyone()
    {
        var all = world.Processes;
        return all[world.Weather.Pick(all.Count)];
    }

    // Forward only, as time goes: by NTP, or since the machine was suspended and only its monotonic clock knows.
    private void JumpClock(SimPlace place)
    {
        var by = world.Weather.Between(0.5, world.Weather.Pick(3) == 0 ? 3600 : 60);
        place.WallAhead += by;
        if (world.Weather.Pick(2) == 0)
            place.MonotonicAhead += by;
        world.Timeline.Add($"a clock jumps by {by.TotalSeconds:F0} s");
    }

    private async Task CutAsync(SimSupervisor process)
    {
        var (kube, arm) = world.Weather.Pick(3) switch { 0 => (true, true), 1 => (true, false), _ => (false, true) };
        var place = process.Place;
        (place.IsCutFromKube, place.IsCutFromArm) = (place.IsCutFromKube || kube, place.IsCutFromArm || arm);
        world.Timeline.Add($"{process.Name} is cut off from{(place.IsCutFromKube ? " the API server" : "")}{(place.IsCutFromArm ? " ARM" : "")}");
        await world.Weather.PassAsync(2, 60);
        place.Heal();
        world.Timeline.Add($"{process.Name} is connected again");
    }

    // Somebody else writes the same object: whoever has read it meets a 409.
    private async Task TouchAsync()
    {
        var patch = "{\"metadata\":{\"annotations\":{\"example.com/touched\":\"" + ++touches + "\"}}}";
        if (world.Weather.Pick(2) == 0)
            await world.PatchAsPersonAsync(SimSetup.Pools, AnyNode().Name, patch);
        else
            await world.PatchAsPersonAsync(SimSetup.Networks, SimSetup.NetworkName(world.Cloud), patch);
    }

    // From then on the spec is theirs.
    private async Task EditAsync()
    {
        var node = AnyNode().Name;
        world.Timeline.Add($"a person edits the spec of pool {node}");
        await world.PatchAsPersonAsync(SimSetup.Pools, node, "{\"spec\":{\"dataplane\":{\"mtu\":1400}}}");
    }

    // Its pods run on; the operator makes it anew.
    private async Task DeletePoolAsync()
    {
        var node = AnyNode().Name;
        world.Timeline.Add($"a person deletes the pool {node}");
        await world.Person.DeleteAsync(SimSetup.Pools, new ObjectKey(node), new KubeDeleteOptions(), CancellationToken.None);
    }

    private SimNode AnyNode() => world.Nodes[world.Weather.Pick(world.Nodes.Count)];
}

using Vnetcni.Api.Durations;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.NodeAgent;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>A machine: its kernel and tmpfs, which a reboot voids, and its agent.</summary>
internal sealed class SimNode : IDisposable
{
    private readonly SimWorld world;
    private int boots;
    private int incarnation;
    private (Agent Agent, SimProcess Process)? serving;

    public SimNode(SimWorld world, int number)
    {
        (this.world, Number, Name) = (world, number, SimSetup.NodeName(number));
        (VmId, Mac) = (SimCloud.VmId(number, 0), SimCloud.Mac(number, 0));
        AgentProcess = new SimSupervisor(world, $"agent-{Name}", RunAgentAsync);
        Boot();
    }

    public int Number { get; }

    public string Name { get; }

    public string VmId { get; private set; }

    /// <summary>Lower case with colons.</summary>
    public string Mac { get; private set; }

    public string NicId => world.Cloud.NicResource(Number);

    public SimKernel Kernel { get; private set; } = null!;

    public LedgerTmpfs Tmpfs { get; private set; } = null!;

    /// <summary>Grows with each boot: whatever began in an earlier one is gone.</summary>
    public int Boots => boots;

    public SimSupervisor AgentProcess { get; }

    /// <summary>The agent that takes CNI calls now, and the process it lives in; null while there is none.</summary>
    public (Agent Agent, SimProcess Process)? Serving =>
        serving is { } now && !now.Process.IsDead && now.Agent.Started.IsCompletedSuccessfully ? now : null;

    /// <summary>It does not come back.</summary>
    public bool IsGone { get; set; }

    /// <summary>It is not up, or something happens to it: nothing else should.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Begins what befalls it; false when something else has begun already.</summary>
    public bool Take(string what)
    {
        if (IsBusy || IsGone || !world.Weather.IsRough)
            return false;
        IsBusy = true;
        world.Timeline.Add($"{Name} {what}");
        return true;
    }

    public void Free(string what)
    {
        IsBusy = false;
        world.Timeline.Add($"{Name} {what}");
    }

    /// <summary>Everything in memory is gone: processes, namespaces, links, the ledger's file.</summary>
    public void SwitchOff()
    {
        AgentProcess.Hold();
        AgentProcess.Kill();
        foreach (var pod in Kernel.Namespaces)
            pod.IsAlive = false;
        Boot();
        world.Timeline.MarkChanged();
    }

    public void SwitchOn()
    {
        AgentProcess.Release();
        Free("is up");
    }

    /// <summary>Another machine of the same name.</summary>
    public void BeAnother()
    {
        incarnation++;
        (VmId, Mac) = (SimCloud.VmId(Number, incarnation), SimCloud.Mac(Number, incarnation));
        world.Cloud.BeAnother(Number);
    }

    public void Dispose() => serving?.Agent.Dispose();

    private void Boot()
    {
        Kernel = new SimKernel(
            Name,
            ++boots,
            () => world.Simulator.Time.GetUtcNow() + AgentProcess.Place.WallAhead,
            KubeDuration.Parse(world.Options.Pool.ReuseCooldown!),
            world.Timeline.Change);
        Tmpfs = new LedgerTmpfs();
    }

    private async Task RunAgentAsync(SimProcess process)
    {
        var settings = new AgentSettings { NodeName = Name, BootId = Kernel.BootId, VmId = VmId, MacAddresses = [Mac] };
        var build = world.Options.Build;
        var agent = Agent.ForKubernetes(
            settings,
            build.AgentKube(world.Api(process), process),
            build.Network(new SimulatedNodeNetwork(Kernel, process, world.Weather), this),
            build.Store(new MemoryLedgerStore(Tmpfs, process, world.Weather), this),
            build.AgentTime(process.Time),
            new Jitter(world.Simulator.NextSeed()),
            new SimLoggers(world.Timeline, process));
        serving = (agent, process);
        process.CleanUp += agent.Dispose;
        try
        {
            await agent.RunAsync(process.Stopping);
        }
        finally
        {
            if (serving?.Process == process)
                serving = null;
        }
    }
}

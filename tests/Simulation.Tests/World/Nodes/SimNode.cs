using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.NodeAgent;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>A machine: its kernel and tmpfs, which a reboot voids, and its agent.</summary>
internal sealed class SimNode
{
    private readonly SimWorld world;
    private int boots;
    private (Agent Agent, SimProcess Process)? serving;

    public SimNode(SimWorld world, string name, string vmId, string mac, string nicId)
    {
        (this.world, Name, VmId, Mac, NicId) = (world, name, vmId, mac, nicId);
        Boot();
        AgentProcess = new SimSupervisor(world.Timeline, world.Weather, $"agent-{name}", RunAgentAsync);
    }

    public string Name { get; }

    public string VmId { get; }

    /// <summary>Lower case with colons.</summary>
    public string Mac { get; }

    public string NicId { get; }

    public SimKernel Kernel { get; private set; } = null!;

    public LedgerTmpfs Tmpfs { get; private set; } = null!;

    /// <summary>Grows with each boot: whatever began in an earlier one is gone.</summary>
    public int Boots => boots;

    public SimSupervisor AgentProcess { get; }

    /// <summary>The agent that takes CNI calls now, and the process it lives in; null while there is none.</summary>
    public (Agent Agent, SimProcess Process)? Serving =>
        serving is { } now && !now.Process.IsDead && now.Agent.Started.IsCompletedSuccessfully ? now : null;

    /// <summary>Everything in memory is gone: processes, namespaces, links, the ledger's file.</summary>
    public async Task RebootAsync()
    {
        world.Timeline.Add($"{Name} reboots");
        AgentProcess.Hold();
        AgentProcess.Kill();
        foreach (var pod in Kernel.Namespaces)
            pod.IsAlive = false;
        Boot();
        world.Timeline.MarkChanged();
        await world.Weather.PassAsync(10, 30);
        AgentProcess.Release();
    }

    private void Boot()
    {
        Kernel = new SimKernel(Name, ++boots, world.Timeline.Change);
        Tmpfs = new LedgerTmpfs();
    }

    private async Task RunAgentAsync(SimProcess process)
    {
        var settings = new AgentSettings { NodeName = Name, BootId = Kernel.BootId, VmId = VmId, MacAddresses = [Mac] };
        using var agent = Agent.ForKubernetes(
            settings,
            world.Api(process),
            new SimulatedNodeNetwork(Kernel, process, world.Weather),
            new MemoryLedgerStore(Tmpfs, process, world.Weather),
            world.Simulator.Time,
            new Jitter(world.Simulator.NextSeed()),
            new SimLoggers(world.Timeline, process));
        serving = (agent, process);
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

using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Kubernetes;
using Vnetcni.Simulation.Tests.World.Nodes;
using Vnetcni.Simulation.Tests.World.Operators;
using Vnetcni.Simulation.Tests.World.Processes;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>A cluster in Azure, whole, on one thread: API server, ARM, nodes with their agents, operators.</summary>
internal sealed class SimWorld
{
    private readonly InMemoryKubeApi person;

    public SimWorld(Simulator simulator, SimOptions options)
    {
        (Simulator, Options) = (simulator, options);
        Timeline = new SimTimeline(simulator);
        Weather = new Weather(simulator, options.Faults);
        Kube = new InMemoryKubeServer(simulator.Time);
        person = Kube.Client("person");
        Pools = new PublishedPools(Timeline, Kube);
        Cloud = new SimCloud(Timeline, simulator.Time, (ulong)simulator.NextSeed(), options);
        SimSetup.Objects(person, Cloud, options);
        Nodes = [.. Enumerable.Range(1, options.Nodes).Select(i =>
            new SimNode(this, SimSetup.NodeName(i), SimCloud.VmId(i), $"00:0d:3a:00:00:{i:x2}", Cloud.NicResource(i)))];
        Operators = [.. Enumerable.Range(1, options.Operators).Select(i =>
            new SimSupervisor(Timeline, Weather, $"operator-{i}", process => SimOperator.RunAsync(this, process)))];
        var invariants = new WorldInvariants(this);
        simulator.AfterStep = () =>
        {
            if (Timeline.TakeChanges())
                invariants.Check();
            Timeline.ThrowFaults();
        };
    }

    public Simulator Simulator { get; }

    public SimOptions Options { get; }

    public SimTimeline Timeline { get; }

    public Weather Weather { get; }

    public InMemoryKubeServer Kube { get; }

    /// <summary>The API as the test itself has it: no faults.</summary>
    public InMemoryKubeApi Person => person;

    public PublishedPools Pools { get; }

    public SimCloud Cloud { get; }

    public IReadOnlyList<SimNode> Nodes { get; }

    public IReadOnlyList<SimSupervisor> Operators { get; }

    /// <summary>Starts everything; it runs until the simulation ends.</summary>
    public void Start()
    {
        Cloud.AddFaults(Weather.Rates);
        _ = Simulator.Spawn("ARM's addresses", Cloud.FollowAsync, endless: true);
        foreach (var process in Operators.Concat(Nodes.Select(node => node.AgentProcess)))
            _ = Simulator.Spawn("supervisor", process.RunAsync, endless: true);
    }

    /// <summary>From here on nothing goes wrong any more.</summary>
    public void Heal()
    {
        Timeline.Add("the weather is fine from now on");
        Weather.IsRough = false;
        Cloud.Heal();
    }

    /// <summary>The Kubernetes API as a process has it.</summary>
    public IKubeApi Api(SimProcess process) =>
        new SimKubeApi(Kube.Client(process.Name, KubeWeather.For(Weather)), process, write => OnWrite(process, write));

    private void OnWrite(SimProcess process, KubeWrite write)
    {
        if (write is { Resource: NodeIpPool.Plural or VirtualNetwork.Plural, Subresource: "status" } && !PublishedPools.NamesVersion(write.Body))
            Timeline.Fault($"{process.Name} writes a status of {write.Resource} without the resourceVersion that it was computed from");
        if (process.Name.StartsWith("operator", StringComparison.Ordinal) && write.Resource != "leases" && Weather.Happens(Weather.Rates.OperatorDies))
            process.Kill();
    }
}

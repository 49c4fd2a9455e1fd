using System.Text;
using k8s;
using k8s.Models;
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
internal sealed class SimWorld : IDisposable
{
    private readonly InMemoryKubeApi person;
    private readonly GitOwnedIsUntouched git;

    public SimWorld(Simulator simulator, SimOptions options)
    {
        (Simulator, Options) = (simulator, options);
        Timeline = new SimTimeline(simulator);
        Weather = new Weather(simulator, options.Faults);
        Kube = new InMemoryKubeServer(simulator.Time);
        git = new GitOwnedIsUntouched(Timeline, Kube);
        // A person's call has its effect within the same step.
        person = Kube.Client("person", new KubeFaults
        {
            Before = (call, _) =>
            {
                git.PersonWrites = call.IsWrite;
                return Task.CompletedTask;
            },
        });
        Copies = new Copies(simulator, Weather, Timeline);
        Pools = new PublishedPools(Timeline, Kube);
        Cloud = new SimCloud(Timeline, simulator.Time, (ulong)simulator.NextSeed(), options);
        git.PersonWrites = true;
        SimSetup.Objects(person, Cloud, options);
        git.PersonWrites = false;
        Nodes = [.. Enumerable.Range(1, options.Nodes).Select(i =>
            new SimNode(this, i))];
        Operators = [.. Enumerable.Range(1, options.Operators).Select(i =>
            new SimSupervisor(this, $"operator-{i}", process => SimOperator.RunAsync(this, process)))];
        var invariants = new WorldInvariants(this);
        simulator.AfterStep = () =>
        {
            git.PersonWrites = false;
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

    /// <summary>Writes that arrive twice.</summary>
    public Copies Copies { get; }

    public PublishedPools Pools { get; }

    public SimCloud Cloud { get; }

    public IReadOnlyList<SimNode> Nodes { get; }

    public IReadOnlyList<SimSupervisor> Operators { get; }

    /// <summary>Pod addresses that the subnet and the budget allow beside what others have.</summary>
    public int Room => Math.Min(Options.VNetLimit - Cloud.Addresses.Addresses.Count(static a => !a.Primary && !SimCloud.IsOurs(a)), Cloud.Room);

    /// <summary>Pod addresses that they still allow.</summary>
    public int RoomLeft => Room - Cloud.Addresses.Addresses.Count(SimCloud.IsOurs);

    /// <summary>An agent has sent its usage, and its machine is to restart.</summary>
    public Action<SimProcess>? AgentWrote { get; set; }

    /// <summary>What was begun in rough weather and is not over yet.</summary>
    public int Troubles { get; set; }

    /// <summary>Operators and agents.</summary>
    public IReadOnlyList<SimSupervisor> Processes => [.. Operators, .. Nodes.Select(node => node.AgentProcess)];

    /// <summary>Starts everything; it runs until the simulation ends.</summary>
    public void Start()
    {
        Timeline.Add($"nodes {string.Join(' ', Nodes.Select(node => Options.KindOf(node.Number)))}, a second PUT meets {Options.ConcurrentPut}, addresses {Options.Assignment}, freed ones {Options.FreedAddresses}, interfaces follow models {Options.ModelFollowing}{(Options.Faults.KubeWriteTwice > 0 ? ", writes may arrive twice" : "")}");
        Cloud.AddFaults(Weather.Rates);
        _ = Simulator.Spawn("ARM's addresses", Cloud.FollowAsync, endless: true);
        foreach (var process in Processes)
            _ = Simulator.Spawn("supervisor", process.RunAsync, endless: true);
    }

    /// <summary>Ends what would outlive it: the meters of agents that live at the end keep all that they measure from being forgotten.</summary>
    public void Dispose()
    {
        foreach (var node in Nodes)
            node.Dispose();
    }

    /// <summary>From here on nothing goes wrong any more.</summary>
    public void Heal()
    {
        Timeline.Add("the weather is fine from now on");
        Weather.IsRough = false;
        Cloud.Heal();
        foreach (var process in Processes)
            process.Place.Heal();
    }

    /// <summary>The Kubernetes API as a process has it.</summary>
    public IKubeApi Api(SimProcess process, InventoryBeforeMutation? inventory = null) =>
        new SimKubeApi(
            Kube.Client(process.Name, KubeWeather.For(Weather, process.Place)),
            process,
            write => OnWrite(process, write, inventory),
            (what, send) => Copies.Maybe(Weather.Rates.KubeWriteTwice, Weather.Rates.KubeLateBy, what, send),
            inventory);

    /// <summary>A person's merge patch.</summary>
    public async Task PatchAsPersonAsync<T>(KubeKind<T> kind, string name, string patch)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await person.PatchAsync(kind, new ObjectKey(name), Encoding.UTF8.GetBytes(patch), new KubePatchOptions(KubePatchType.Merge, "person"), CancellationToken.None);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            Timeline.AddMinor($"nothing to patch: {e.Message}");
        }
    }

    private void OnWrite(SimProcess process, KubeWrite write, InventoryBeforeMutation? inventory)
    {
        if (write.Resource is not ("leases" or "events") && inventory?.Changes($"{write.Verb} {write.Resource}") is { } early)
            Timeline.Fault(early);
        if (Options.JudgesWrites && write is { Resource: NodeIpPool.Plural or VirtualNetwork.Plural, Subresource: "status" } && !PublishedPools.NamesVersion(write.Body))
            Timeline.Fault($"{process.Name} writes a status of {write.Resource} without the resourceVersion that it was computed from");
        if (write.Resource == NodeIpPool.Plural && inventory is null && Weather.Happens(Weather.Rates.RebootsWriting))
            AgentWrote?.Invoke(process);
        if (process.Name.StartsWith("operator", StringComparison.Ordinal) && write.Resource != "leases" && Weather.Happens(Weather.Rates.OperatorDies))
            process.Kill();
    }
}

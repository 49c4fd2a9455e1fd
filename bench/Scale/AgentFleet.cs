using System.Text.Json.Nodes;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Scale;

/// <summary>
/// The agents of all nodes in one loop: a loop for each would cost more than the operator that is measured. Wishes are told at once, mere
/// counts every 30 s, and at rest every four to six minutes that nothing is new, as the agent does; where pods change it has told before.
/// </summary>
internal sealed class AgentFleet
{
    private static readonly KubePatchOptions Apply = new(KubePatchType.Apply, FieldManagers.Agent, Force: true, Subresource: "status");
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Counts = TimeSpan.FromSeconds(30);

    private const int MostPods = 100;
    private readonly Simulator sim;
    private readonly InMemoryKubeApi api;
    private readonly Agent[] agents;
    private readonly Dictionary<string, Agent> byName = new(StringComparer.Ordinal);
    private readonly Queue<Agent> dirty = new();
    private readonly PriorityQueue<Agent, DateTimeOffset> due = new();

    public AgentFleet(Simulator sim, InMemoryKubeServer kube, ScaleCase load)
    {
        this.sim = sim;
        api = kube.Client("agents");
        agents = [.. Enumerable.Range(0, load.Nodes).Select(i => new Agent($"node{i}", new FleetNode { Fixed = load.Pods == 0 ? load.Addresses : null }, load.RestMinutes > 0 ? TimeSpan.FromSeconds(240 + (i * 7 % 120)) : null))];
        foreach (var agent in agents)
        {
            byName.Add(agent.Name, agent);
            for (var i = 0; i < load.Pods; i++)
                agent.Node.AddPod(sim.Time.GetUtcNow());
        }

        kube.Committed += Note;
    }

    /// <summary>Addresses that all pools list.</summary>
    public int Held { get; private set; }

    /// <summary>Nodes that have what they want.</summary>
    public int Served { get; private set; }

    /// <summary>Pods without an address.</summary>
    public int Waiting => agents.Sum(static a => a.Node.Waiting);

    /// <summary>How long each pod waited for its address, in the order in which they got one; null = not kept.</summary>
    public List<TimeSpan>? Waits { get; set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var now = sim.Time.GetUtcNow();
            while (due.TryPeek(out var next, out var at) && at <= now)
            {
                due.Dequeue();
                Wake(next);
            }

            for (var n = dirty.Count; n > 0; n--)
                await StepAsync(dirty.Dequeue(), stop);
            await sim.Delay(Tick, CancellationToken.None);
        }
    }

    /// <summary>Replaces a pod: one of a random node ends, and one begins on the emptier of two random nodes, as a scheduler spreads them.</summary>
    public void ReplacePod(Random random)
    {
        var (a, b) = (agents[random.Next(agents.Length)], agents[random.Next(agents.Length)]);
        ReplacePod(random, a.Node.Pods <= b.Node.Pods ? a : b);
    }

    /// <summary>Replaces so many pods at once; all new ones begin on one node, where they find too few addresses: no pool would change otherwise.</summary>
    public void ReplacePodsOnto(Random random, int node, int pods)
    {
        for (; pods > 0; pods--)
            ReplacePod(random, agents[node]);
    }

    private void ReplacePod(Random random, Agent chosen)
    {
        var now = sim.Time.GetUtcNow();
        Agent leaving;
        // A pod is drawn, not a node: a node of more pods is hit more often.
        do
            leaving = agents[random.Next(agents.Length)];
        while (random.Next(MostPods) >= leaving.Node.Pods);
        leaving.Node.EndPod(now);
        Wake(leaving);
        chosen.Node.AddPod(now);
        Wake(chosen);
    }

    private void Note(KubeChange change)
    {
        if (!change.Resource.StartsWith("nodeippools.", StringComparison.Ordinal) || change.After is null || !byName.TryGetValue(change.Key.Name, out var agent))
            return;
        var list = change.After["status"]?["networkInterfaces"] is JsonArray { Count: > 0 } nics && nics[0]!["addresses"] is JsonArray all ? all : null;
        Count(agent, () => agent.Node.See((list ?? []).Select(static a => ((string)a!["address"]!, (string?)a["state"] == AddressStates.Available))));
        agent.Uid = (string?)change.After["metadata"]!["uid"];
        Wake(agent);
    }

    private void Count(Agent agent, Action act)
    {
        var (held, served) = (agent.Node.Listed, agent.Node.IsServed);
        act();
        Held += agent.Node.Listed - held;
        Served += (agent.Node.IsServed ? 1 : 0) - (served ? 1 : 0);
    }

    private void Wake(Agent agent)
    {
        if (agent.IsDirty)
            return;
        agent.IsDirty = true;
        dirty.Enqueue(agent);
    }

    private async Task StepAsync(Agent agent, CancellationToken stop)
    {
        agent.IsDirty = false;
        if (agent.Uid is null)
            return;
        var now = sim.Time.GetUtcNow();
        FleetReport report = null!;
        Count(agent, () => report = agent.Node.Step(now, wait => Waits?.Add(wait)));
        var last = agent.Last;
        var wishes = last is null || last.Desired != report.Desired || last.Waiting != report.Waiting || !last.Releasable.SequenceEqual(report.Releasable);
        var counts = last is not null && (last.InUse != report.InUse || last.Free != report.Free);
        if (wishes || (counts && now - agent.ToldAt >= Counts) || now - agent.ToldAt >= agent.Heartbeat)
            await TellAsync(agent, report, now, stop);
        else if (counts)
            Later(agent, agent.ToldAt + Counts);
        if (agent.Heartbeat is { } beat)
            Later(agent, agent.ToldAt + beat);
        if (agent.Node.Due is { } next)
            Later(agent, next);
    }

    private void Later(Agent agent, DateTimeOffset at)
    {
        if (agent.DueAt is { } known && known > sim.Time.GetUtcNow() && known <= at)
            return;
        agent.DueAt = at;
        due.Enqueue(agent, at);
    }

    private async Task TellAsync(Agent agent, FleetReport report, DateTimeOffset now, CancellationToken stop)
    {
        var usage = new NodeIpPoolUsage
        {
            PoolUid = agent.Uid!,
            BootId = "boot",
            Revision = ++agent.Revision,
            Desired = report.Desired,
            InUse = report.InUse,
            Free = report.Free,
            Waiting = report.Waiting,
            Releasable = [.. report.Releasable],
        };
        var target = new ApplyTarget(agent.Name, null, agent.Uid);
        await api.PatchAsync(OperatorKinds.Pools, new ObjectKey(agent.Name), ApplyBodies.AgentUsage(target, usage), Apply, stop);
        (agent.Last, agent.ToldAt) = (report, now);
    }

    private sealed class Agent(string name, FleetNode node, TimeSpan? heartbeat)
    {
        public TimeSpan? Heartbeat => heartbeat;

        public string Name => name;

        public FleetNode Node => node;

        public string? Uid { get; set; }

        public long Revision { get; set; }

        public bool IsDirty { get; set; }

        public FleetReport? Last { get; set; }

        public DateTimeOffset ToldAt { get; set; }

        public DateTimeOffset? DueAt { get; set; }
    }
}

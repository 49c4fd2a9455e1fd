using k8s.Models;
using Vnetcni.AgentProtocol;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Nodes;

namespace Vnetcni.Simulation.Tests.Workload;

/// <summary>
/// A node's kubelet and runtime: for each pod a sandbox, ADD until it succeeds (a DEL and a new sandbox after each failure),
/// DEL until it succeeds. The CNI binary is left out: its calls end with an error when the agent is away or dies.
/// </summary>
internal sealed class SimKubelet(SimWorld world, SimNode node)
{
    private static readonly TimeSpan RuntimeTimeout = TimeSpan.FromMinutes(2);
    private readonly List<SimPod> pods = [];
    private int sandboxes;

    public SimNode Node => node;

    public IReadOnlyList<SimPod> Pods => pods;

    public int Adds { get; private set; }

    public void Start(string name)
    {
        var pod = new SimPod(name);
        pods.Add(pod);
        world.Person.Seed(KubeKinds.Pods, new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = SimSetup.Namespace },
            Spec = new V1PodSpec { NodeName = node.Name, Containers = [new V1Container { Name = "c", Image = "i" }] },
            Status = new V1PodStatus { Phase = "Pending" },
        });
        world.Timeline.Add($"pod {name} is bound to {node.Name}");
        _ = world.Simulator.Spawn($"pod {name}", () => RunAsync(pod), endless: true);
    }

    private async Task RunAsync(SimPod pod)
    {
        while (!pod.IsDeleted)
        {
            await world.Weather.PassAsync(0.02, 1);
            await LiveAsync(pod);
        }

        pods.Remove(pod);
        await world.Person.RemovePodAsync(new ObjectKey(SimSetup.Namespace, pod.Name));
        world.Timeline.Add($"pod {pod.Name} is gone");
    }

    // One sandbox, from its ADD to its DEL or to the reboot that ends it.
    private async Task LiveAsync(SimPod pod)
    {
        var (boot, kernel) = (node.Boots, node.Kernel);
        var number = ++sandboxes;
        var sandbox = kernel.NewNamespace((ulong)(4026532000L + number));
        var owner = new Owner("pods", $"{node.Name}-{number}", "eth0");
        if (await AddAsync(pod, owner, sandbox))
        {
            while (!pod.IsDeleted && node.Boots == boot)
                await Task.WhenAny(pod.Deleted, world.Simulator.Delay(TimeSpan.FromSeconds(1)));
            pod.Address = null;
        }

        kernel.Ends(sandbox);

        // Some runtimes take the namespace away before they call DEL.
        if (world.Weather.Pick(8) == 0)
            kernel.Delete(sandbox);
        await DeleteAsync(owner);
        await world.Weather.PassAsync(0, 0.2);
        kernel.Delete(sandbox);
    }

    private async Task<bool> AddAsync(SimPod pod, Owner owner, SimPodNamespace sandbox)
    {
        Adds++;
        using var gone = new CancellationTokenSource(RuntimeTimeout, world.Simulator.Time);
        try
        {
            var made = await CallAsync((agent, token) => agent.AddAsync(new AddCommand(owner, sandbox.Handle(), $"default/{pod.Name}", 0), token), gone.Token);
            pod.Address = made.Address.ToString();
            if (node.Kernel.Namespaces.Contains(sandbox))
                node.Kernel.Runs(sandbox, pod.Address);
            world.Timeline.Add($"ADD {pod.Name} {owner} -> {made.Address}");
            return true;
        }
        catch (Exception e) when (e is CniException or IOException or OperationCanceledException)
        {
            world.Timeline.Add($"ADD {pod.Name} {owner} failed: {e.Message}");
            await world.Weather.PassAsync(0.5, 3);
            return false;
        }
    }

    private async Task DeleteAsync(Owner owner)
    {
        while (!node.IsGone)
        {
            try
            {
                await CallAsync(
                    async (agent, token) =>
                    {
                        await agent.DeleteAsync(owner, token);
                        return true;
                    },
                    CancellationToken.None);
                world.Timeline.Add($"DEL {owner}");
                return;
            }
            catch (Exception e) when (e is CniException or IOException or OperationCanceledException)
            {
                world.Timeline.AddMinor($"DEL {owner} failed: {e.Message}");
                await world.Weather.PassAsync(0.2, 2);
            }
        }
    }

    private async Task<T> CallAsync<T>(Func<IAttachments, CancellationToken, Task<T>> call, CancellationToken gone)
    {
        var (agent, process) = node.Serving ?? throw new IOException("no agent listens");
        var answer = process.InsideAsync(token => call(agent.Attachments, token), gone);
        await Task.WhenAny(answer, process.Killed);
        return process.IsDead ? throw new IOException("the agent went away") : await answer;
    }
}

using System.Text.Json.Nodes;
using Vnetcni.Lab.Arm;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Demo;

/// <summary>What must hold; each check looks at the kernel, at Kubernetes or at ARM, not at what the product says of itself.</summary>
internal sealed class DemoChecks(DemoLab lab)
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    /// <summary>Every pod reaches every other pod, across the fabric.</summary>
    public async Task<string> PingAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pods = lab.Pods.Values.ToArray();
        foreach (var pod in pods)
            await lab.Fabric.UntilOwnedAsync(pod.Address!.ToString(), lab.Nodes.First(n => n.Name == pod.Node).Settings.Mac, cancellationToken);
        var silent = await Task.WhenAll(pods.Select(async pod =>
        {
            var others = pods.Where(other => other != pod).Select(other => other.Address!).ToArray();
            return (pod, missing: await Pinger.PingAllAsync(pod.Space, others));
        }));
        var bad = silent.Where(s => s.missing.Count > 0).ToArray();
        if (bad.Length > 0)
        {
            var first = bad[0];
            throw new ShellException($"{bad.Length} of {pods.Length} pods miss answers; {first.pod.Name} ({first.pod.Address}) on {first.pod.Node} does not reach {string.Join(", ", first.missing)}");
        }

        return $"{pods.Length * (pods.Length - 1)} pings between {pods.Length} pods on {lab.Nodes.Count} machines";
    }

    /// <summary>CNI CHECK of every pod.</summary>
    public async Task<string> CheckAllAsync(CancellationToken cancellationToken)
    {
        foreach (var pod in lab.Pods.Values)
            await lab.Runtime.CheckAsync(lab.Nodes.First(n => n.Name == pod.Node), pod, cancellationToken);
        return $"{lab.Pods.Count} attachments are as their ADD left them";
    }

    /// <summary>No address twice; each on the right NIC in ARM; as many veths as pods; the pools count the same.</summary>
    public async Task<string> NothingLeaksAsync(CancellationToken cancellationToken)
    {
        var pods = lab.Pods.Values.ToArray();
        var twice = pods.GroupBy(pod => pod.Address).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new ShellException($"{twice.Key} is held by {string.Join(" and ", twice.Select(p => p.Name))}");

        var (_, owners) = await lab.Arm.AddressesAsync(0, cancellationToken);
        foreach (var pod in pods)
        {
            var mac = lab.Nodes.First(n => n.Name == pod.Node).Settings.Mac;
            if (!owners.TryGetValue(pod.Address!.ToString(), out var owner) || !owner.Equals(mac, StringComparison.OrdinalIgnoreCase))
                throw new ShellException($"{pod.Name} on {pod.Node} holds {pod.Address}, which ARM has on {owner ?? "no NIC"}");
        }

        foreach (var node in lab.Nodes)
        {
            var expected = pods.Count(pod => pod.Node == node.Name);
            await EventuallyAsync(
                async () => (await VethsAsync(node, cancellationToken)) == expected,
                async () => $"{node.Name} has {await VethsAsync(node, cancellationToken)} veths for {expected} pods",
                cancellationToken);
            // Not usage.inUse: a pod alone is no reason for a write to the API server, so it may lag.
            await EventuallyAsync(
                async () => await node.AgentCountAsync("in_use", cancellationToken) == expected,
                async () => $"the agent of {node.Name} counts {await node.AgentCountAsync("in_use", cancellationToken)} addresses in use for {expected} pods",
                cancellationToken);
            if (await node.AgentCountAsync("quarantined", cancellationToken) is var odd and not 0)
                throw new ShellException($"the agent of {node.Name} quarantined {odd} addresses");
        }

        return $"{pods.Length} pods, {pods.Length} addresses, {pods.Length} veths";
    }

    /// <summary>Without pods each pool gives back what it need not keep.</summary>
    public async Task<string> ShrunkAsync(CancellationToken cancellationToken)
    {
        const int maxFree = 12;
        foreach (var node in lab.Nodes)
        {
            await EventuallyAsync(
                async () =>
                {
                    var status = (await PoolAsync(node.Name, cancellationToken))["status"];
                    return Number(status?["usage"]?["inUse"]) == 0 && Number(status?["held"]) <= maxFree;
                },
                async () => $"NodeIpPool {node.Name} still has {(await PoolAsync(node.Name, cancellationToken))["status"]?.ToJsonString()}",
                cancellationToken,
                TimeSpan.FromSeconds(120));
            if (await VethsAsync(node, cancellationToken) is var left and > 0)
                throw new ShellException($"{node.Name} still has {left} veths");
        }

        var (_, owners) = await lab.Arm.AddressesAsync(0, cancellationToken);
        var onNics = owners.Count - lab.Nodes.Count;
        return $"{onNics} addresses stay for the next pods, at most {maxFree} a node; no veth is left";
    }

    /// <summary>Deallocates the VMs and deletes the Nodes: the pools go by themselves, and each NIC is left with its own address only.</summary>
    public async Task<string> NodesGoneAsync(CancellationToken cancellationToken)
    {
        foreach (var node in lab.Nodes)
            await lab.Arm.DeallocateAsync(LabAzure.VmResourceId(node.Settings), cancellationToken);
        await lab.Cluster.KubectlAsync(["delete", "nodes", .. lab.Nodes.Select(node => node.Name)], cancellationToken);
        await EventuallyAsync(
            async () => (await LeftAsync("nodeippools", lab.Nodes.Select(node => node.Name), cancellationToken)).Length == 0,
            async () => $"pools still exist: {await LeftAsync("nodeippools", lab.Nodes.Select(node => node.Name), cancellationToken)}",
            cancellationToken,
            TimeSpan.FromSeconds(120));
        var (_, owners) = await lab.Arm.AddressesAsync(0, cancellationToken);
        if (owners.Count != lab.Nodes.Count)
            throw new ShellException($"ARM still has {owners.Count - lab.Nodes.Count} pod addresses on the NICs");
        // A given cluster is left as it was found.
        await lab.Cluster.KubectlAsync(["delete", "nodeippoolclass", Manifests.ClassName, "--ignore-not-found"], cancellationToken);
        var networks = JsonNode.Parse(await lab.Cluster.KubectlAsync(["get", "virtualnetworks", "-o", "json"], cancellationToken))!["items"]!.AsArray();
        foreach (var network in networks.Where(n => n!["spec"]!["resourceId"]!.GetValue<string>().StartsWith(LabAzure.GroupId, StringComparison.OrdinalIgnoreCase)))
            await lab.Cluster.KubectlAsync(["delete", "virtualnetwork", network!["metadata"]!["name"]!.GetValue<string>(), "--timeout=30s"], cancellationToken);
        return $"{lab.Nodes.Count} pools gone, no pod address is left on a NIC";
    }

    /// <summary>The simulator's own log of broken rules is empty. Says what ARM was asked.</summary>
    public async Task<string> InvariantsAsync(CancellationToken cancellationToken)
    {
        var broken = await lab.Arm.InvariantsAsync(cancellationToken);
        if (broken.Count > 0)
            throw new ShellException($"{broken.Count} broken: {broken[0]}");
        return $"{await lab.Arm.CountersAsync(cancellationToken)}; {await lab.Fabric.DropsAsync(cancellationToken)}";
    }

    /// <summary>Index of the operator that holds the lease.</summary>
    public async Task<int> LeaderAsync(CancellationToken cancellationToken)
    {
        var holder = string.Empty;
        var found = -1;
        await EventuallyAsync(
            async () =>
            {
                holder = (await lab.Cluster.KubectlAsync(
                    ["get", "lease", "-n", LabPrograms.LeaseNamespace, LabPrograms.LeaseName, "-o", "jsonpath={.spec.holderIdentity}"], cancellationToken)).Trim();
                found = lab.Operators.FindIndex(o => !o.HasExited && holder.StartsWith(o.Name + "_", StringComparison.Ordinal));
                return found >= 0;
            },
            () => Task.FromResult($"the lease is held by '{holder}', which is no live operator"),
            cancellationToken);
        return found;
    }

    private static int Number(JsonNode? node) => node?.GetValue<int>() ?? -1;

    private static async Task<int> VethsAsync(LabNode node, CancellationToken cancellationToken)
    {
        var links = JsonNode.Parse(await Shell.RunAsync("ip", ["-n", node.Space.Name, "-j", "link", "show", "type", "veth"], cancellationToken))!.AsArray();
        return links.Count(link => link?["ifalias"]?.GetValue<string>().StartsWith("vnetcni:", StringComparison.Ordinal) == true);
    }

    private static async Task EventuallyAsync(
        Func<Task<bool>> holds, Func<Task<string>> complaint, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > (patience ?? Settle))
                throw new ShellException($"after {(int)(patience ?? Settle).TotalSeconds} s {await complaint()}");
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<string> LeftAsync(string plural, IEnumerable<string> names, CancellationToken cancellationToken) =>
        (await lab.Cluster.KubectlAsync(["get", plural, .. names, "--ignore-not-found", "-o", "name"], cancellationToken)).Trim();

    private async Task<JsonNode> PoolAsync(string name, CancellationToken cancellationToken) =>
        JsonNode.Parse(await lab.Cluster.KubectlAsync(["get", "nodeippools", name, "-o", "json"], cancellationToken))!;
}

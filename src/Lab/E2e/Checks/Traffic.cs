using System.Text.Json.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>Packets of real pods.</summary>
internal sealed class Traffic(E2eLab lab)
{
    /// <summary>The running web pods.</summary>
    public async Task<IReadOnlyList<WebPod>> WebPodsAsync(CancellationToken cancellationToken) =>
    [
        .. (await lab.ItemsAsync("pods -l app=web", cancellationToken))
            .Where(pod => pod!["metadata"]!["deletionTimestamp"] is null && pod["status"]?["podIP"] is not null)
            .Select(pod => new WebPod(pod!["metadata"]!["name"]!.GetValue<string>(), pod["spec"]!["nodeName"]!.GetValue<string>(), pod["status"]!["podIP"]!.GetValue<string>())),
    ];

    /// <summary>One pod of each node asks every web pod; each answer must come from the right pod and name the asker's own address.</summary>
    public async Task<string> EveryPodAsync(CancellationToken cancellationToken)
    {
        var pods = await WebPodsAsync(cancellationToken);
        var askers = pods.GroupBy(pod => pod.Node).Select(group => group.First()).ToArray();
        if (askers.Length < 2)
            throw new ShellException($"all web pods are on {string.Join(", ", askers.Select(a => a.Node))}: nothing crosses the network");
        var asked = 0;
        foreach (var asker in askers)
        {
            var list = string.Join(' ', pods.Select(pod => pod.Address));
            var answers = (await lab.ExecAsync(asker.Name, $"for a in {list}; do echo \"$a $(timeout 5 wget -q -O - http://$a:8080/cgi-bin/who)\"; done", cancellationToken)).Split('\n');
            foreach (var pod in pods)
            {
                var wanted = $"{pod.Address} from={asker.Address} pod={pod.Name} path=";
                if (!answers.Contains(wanted))
                    throw new ShellException($"{asker.Name} on {asker.Node} asked {pod.Name} on {pod.Node} and got '{answers.FirstOrDefault(a => a.StartsWith(pod.Address + " ", StringComparison.Ordinal))}', not '{wanted}'");
                asked++;
            }
        }

        return $"{asked} requests from {askers.Length} pods to {pods.Count} pods on {askers.Length} nodes, source addresses kept";
    }

    /// <summary>Through kube-proxy: the ClusterIP, from pods and from nodes' own network; the NodePort of every node from outside.</summary>
    public async Task<string> ServicesAsync(CancellationToken cancellationToken)
    {
        var pods = await WebPodsAsync(cancellationToken);
        foreach (var asker in pods.GroupBy(pod => pod.Node).Select(group => group.First()))
            Expect(await lab.ExecAsync(asker.Name, $"timeout 5 wget -q -O - http://{Workloads.WebAddress}/cgi-bin/who", cancellationToken), "pod=web-", $"{asker.Name} asks the ClusterIP");
        foreach (var node in lab.Nodes.Values)
        {
            Expect(await node.Space.RunAsync("curl", ["-sS", "--max-time", "5", $"http://{Workloads.WebAddress}/cgi-bin/who"], cancellationToken), "pod=web-", $"{node.Name} asks the ClusterIP");
            Expect(await OutsideAsync($"http://{node.Settings.Address}:{Workloads.WebNodePort}/cgi-bin/who", cancellationToken), "pod=web-", $"the NodePort of {node.Name}");
        }

        return $"the ClusterIP from a pod and from the host of each node, the NodePort of {lab.Nodes.Count} nodes from outside";
    }

    /// <summary>A name through the DNS Service, then the Service that it names.</summary>
    public async Task<string> DnsAsync(CancellationToken cancellationToken)
    {
        var pods = await WebPodsAsync(cancellationToken);
        foreach (var asker in pods.GroupBy(pod => pod.Node).Select(group => group.First()))
            Expect(await lab.ExecAsync(asker.Name, "timeout 5 wget -q -O - http://web.default.svc.cluster.local/cgi-bin/who", cancellationToken), "pod=web-", $"{asker.Name} asks by name");
        return "web.default.svc.cluster.local from a pod of each node";
    }

    /// <summary>Beyond the virtual network a pod is seen with its node's address.</summary>
    public async Task<string> EgressAsync(CancellationToken cancellationToken)
    {
        var pods = await WebPodsAsync(cancellationToken);
        foreach (var asker in pods.GroupBy(pod => pod.Node).Select(group => group.First()))
        {
            var node = lab.Nodes[asker.Node].Settings.Address;
            Expect(await lab.ExecAsync(asker.Name, $"timeout 5 wget -q -O - http://{E2eLab.Internet}/cgi-bin/who", cancellationToken), $"from={node}", $"{asker.Name} asks the Internet");
        }

        return $"{E2eLab.Internet} sees the address of the pod's node";
    }

    /// <summary>Pods with their node's network have its address, and no link of ours.</summary>
    public async Task<string> HostNetworkAsync(CancellationToken cancellationToken)
    {
        await lab.KubectlAsync("rollout status daemonset/on-host --timeout=120s", cancellationToken);
        var pods = await lab.ItemsAsync("pods -l app=on-host", cancellationToken);
        foreach (var pod in pods)
        {
            var (node, address) = (pod!["spec"]!["nodeName"]!.GetValue<string>(), pod["status"]?["podIP"]?.GetValue<string>());
            if (address != lab.Nodes[node].Settings.Address)
                throw new ShellException($"the hostNetwork pod on {node} has {address}");
            var name = pod["metadata"]!["name"]!.GetValue<string>();
            Expect(await lab.ExecAsync(name, $"timeout 5 wget -q -O - http://{Workloads.WebAddress}/cgi-bin/who", cancellationToken), "pod=web-", $"{name} asks the ClusterIP");
        }

        return $"{pods.Count} pods with the address of their node";
    }

    /// <summary>A request from outside to a pod that asks a Service by name for its answer.</summary>
    public async Task<string> ReverseProxyAsync(CancellationToken cancellationToken)
    {
        await lab.KubectlAsync("wait --for=condition=Ready pod/proxy --timeout=120s", cancellationToken);
        var proxy = JsonNode.Parse(await lab.KubectlAsync("get pod proxy -o json", cancellationToken))!["status"]!["podIP"]!.GetValue<string>();
        Expect(await OutsideAsync($"http://{proxy}:8081/cgi-bin/proxy/a/path", cancellationToken), "proxy=proxy from=", "the reverse proxy");
        return "outside → proxy pod → DNS → Service → web pod";
    }

    /// <summary>The proxy by its port on its node: from outside, from every node, and from a pod of every node.</summary>
    public async Task<string> HostPortAsync(CancellationToken cancellationToken)
    {
        var node = JsonNode.Parse(await lab.KubectlAsync("get pod proxy -o json", cancellationToken))!["spec"]!["nodeName"]!.GetValue<string>();
        var uri = $"http://{lab.Nodes[node].Settings.Address}:{Workloads.ProxyHostPort}/cgi-bin/proxy/h";
        Expect(await OutsideAsync(uri, cancellationToken), "proxy=proxy from=", $"the hostPort on {node} from outside");
        foreach (var from in lab.Nodes.Values)
            Expect(await from.Space.RunAsync("curl", ["-sS", "--max-time", "5", uri], cancellationToken), "proxy=proxy from=", $"the hostPort on {node} from {from.Name}");
        foreach (var asker in (await WebPodsAsync(cancellationToken)).GroupBy(pod => pod.Node).Select(group => group.First()))
            Expect(await lab.ExecAsync(asker.Name, $"timeout 5 wget -q -O - {uri}", cancellationToken), "proxy=proxy from=", $"the hostPort on {node} from {asker.Name} on {asker.Node}");
        return $"port {Workloads.ProxyHostPort} of {node} from outside, from {lab.Nodes.Count} nodes and from a pod of each";
    }

    /// <summary>HTTP from the machine itself, which lies beyond the virtual network.</summary>
    public static Task<string> OutsideAsync(string uri, CancellationToken cancellationToken) =>
        Shell.RunAsync("curl", ["-sS", "--max-time", "5", uri], cancellationToken);

    private static void Expect(string answer, string part, string what)
    {
        if (!answer.Contains(part, StringComparison.Ordinal))
            throw new ShellException($"{what}: '{answer}' does not have '{part}'");
    }
}

/// <summary>A web pod with an address.</summary>
internal sealed record WebPod(string Name, string Node, string Address);

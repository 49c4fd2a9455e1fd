using Vnetcni.Lab.E2e.Cluster;
using Vnetcni.Lab.Processes;
using Vnetcni.Lab.Soak.Ending;
using Vnetcni.Lab.Soak.Running;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>No address twice, each on the right NIC, nothing left over: by kernel, API server and ARM.</summary>
internal sealed class Addresses(E2eLab lab)
{
    private static readonly string[] Objects = ["nodeippools", "virtualnetworks"];

    // kube-proxy's and the kubelet's, by iptables on nftables.
    private static readonly string[] TablesOfIptables = ["nat", "filter", "mangle", "raw"];

    /// <summary>Every running pod has an address of its own, which ARM has on its node's NIC.</summary>
    public async Task<string> UniqueAsync(CancellationToken cancellationToken)
    {
        var pods = (await lab.ItemsAsync("pods -A", cancellationToken))
            // One that is on its way out is shown with its address for a while after the address has gone to another.
            .Where(pod => pod!["metadata"]!["deletionTimestamp"] is null)
            .Where(pod => pod!["spec"]!["hostNetwork"]?.GetValue<bool>() != true && pod["status"]!["podIP"] is not null && pod["status"]!["phase"]!.GetValue<string>() == "Running")
            .Select(pod => (Name: pod!["metadata"]!["name"]!.GetValue<string>(), Node: pod["spec"]!["nodeName"]!.GetValue<string>(), Address: pod["status"]!["podIP"]!.GetValue<string>()))
            .Where(pod => lab.Nodes.ContainsKey(pod.Node)).ToArray();
        if (pods.GroupBy(pod => pod.Address).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ShellException($"{twice.Key} is held by {string.Join(" and ", twice.Select(pod => $"{pod.Name} on {pod.Node}"))}");
        var arm = await ArmAsync(cancellationToken);
        foreach (var pod in pods)
        {
            var owner = arm.FirstOrDefault(a => a.Address == pod.Address);
            if (owner?.Mac != lab.Nodes[pod.Node].Settings.Mac)
                throw new ShellException($"{pod.Name} on {pod.Node} holds {pod.Address}, which ARM has on {owner?.Mac ?? "no NIC"}");
        }

        return $"{pods.Length} pods, {pods.Length} addresses, each on its node's NIC";
    }

    /// <summary>No pods of ours: pools, budget and ARM agree, and kernels hold nothing beyond the addresses kept for the next pods.</summary>
    public async Task<string> NothingLeaksAsync(int mostFree, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> complaints = [];
        var took = await Wait.ForAsync("nothing leaks", TimeSpan.FromSeconds(180), async () =>
        {
            complaints = await ComplaintsAsync(mostFree, cancellationToken);
            return complaints.Count == 0 ? null : string.Join("; ", complaints.Take(6));
        }, cancellationToken);
        var arm = await ArmAsync(cancellationToken);
        return $"zero leaks after {took.TotalSeconds:0} s; {arm.Count(a => !a.Primary)} addresses stay for the next pods; {await lab.Arm.CountersAsync(cancellationToken)}";
    }

    /// <summary>As a machine that never had an agent: kernel, CNI folders, run folder; no object of ours, no address on a NIC.</summary>
    public async Task<string> NothingStaysAsync(CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        var took = await Wait.ForAsync("nothing stays", TimeSpan.FromSeconds(90), async () =>
        {
            wrong = [];
            wrong.AddRange((await ArmAsync(cancellationToken)).Where(a => !a.Primary).Select(a => $"ARM still has {a.Address} as {a.Name} on {a.Mac}"));
            foreach (var kind in Objects)
                wrong.AddRange((await lab.ItemsAsync(kind, cancellationToken)).Select(item => $"{kind} {item!["metadata"]!["name"]} is left"));
            var objects = await lab.KubectlAsync($"-n {Release.Namespace} get all,serviceaccounts,roles,rolebindings -l app.kubernetes.io/part-of=vnetcni -o name", cancellationToken);
            wrong.AddRange(objects.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(name => $"{name} is left in {Release.Namespace}"));
            objects = await lab.KubectlAsync("get clusterroles,clusterrolebindings -l app.kubernetes.io/part-of=vnetcni -o name", cancellationToken);
            wrong.AddRange(objects.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(name => $"{name} is left"));
            var conditions = await lab.KubectlAsync("get nodes -o jsonpath={.items[*].status.conditions[*].type}", cancellationToken);
            if (conditions.Contains("VNetAddressesAvailable", StringComparison.Ordinal))
                wrong.Add("Nodes still have the condition VNetAddressesAvailable");
            foreach (var node in lab.Nodes.Values)
            {
                var kernel = await KernelReader.ReadAsync(node.Space, cancellationToken);
                wrong.AddRange(LeftBehind(node, kernel, []));
                if (kernel.Tables.ToJsonString().Contains("\"table\":\"vnetcni\"", StringComparison.Ordinal) || kernel.Tables.ToJsonString().Contains("\"name\":\"vnetcni\"", StringComparison.Ordinal))
                    wrong.Add($"{node.Name}: the nftables table vnetcni is left");
                var files = await node.RunAsync(["/bin/sh", "-c", "ls -A /etc/cni/net.d; ls -A /opt/cni/bin | grep vnetcni; ls -A /run/vnetcni 2>/dev/null; true"], cancellationToken);
                if (files.Trim().Length > 0)
                    wrong.Add($"{node.Name}: files are left: {files.Trim().ReplaceLineEndings(" ")}");
            }

            return wrong.Count == 0 ? null : string.Join("; ", wrong);
        }, cancellationToken);
        return $"no address, object, file, link, route or rule is left on {lab.Nodes.Count} nodes ({took.TotalSeconds:0} s)";
    }

    /// <summary>Waits until the operator says of each node that it has taken addresses off its NIC again.</summary>
    public Task<TimeSpan> ReleasedAsync(CancellationToken cancellationToken) => Wait.ForAsync("addresses are released", TimeSpan.FromSeconds(120), async () =>
    {
        var told = (await lab.ItemsAsync("events --field-selector reason=AddressesReleased", cancellationToken)).Select(told => told!["involvedObject"]!["name"]!.GetValue<string>());
        var silent = lab.Nodes.Keys.Except(told, StringComparer.Ordinal).ToArray();
        return silent.Length == 0 ? null : $"no event says so of {string.Join(", ", silent)}";
    }, cancellationToken);

    /// <summary>Addresses of ours on one NIC.</summary>
    public async Task<int> OnNicAsync(string mac, CancellationToken cancellationToken) =>
        (await ArmAsync(cancellationToken)).Count(a => !a.Primary && a.Mac == mac);

    private static IEnumerable<string> LeftBehind(KubeNode node, NodeKernel now, IReadOnlyCollection<string> held) => now.LeftBehind(node.Before, held)
        .Where(left => !TablesOfIptables.Any(table => left == $"nftables table ip {table}" || left == $"nftables table ip6 {table}"))
        .Select(left => $"{node.Name}: {left}");

    private async Task<IReadOnlyList<ArmAddress>> ArmAsync(CancellationToken cancellationToken) =>
        ArmFollower.Parse(await lab.Arm.ListAsync(0, cancellationToken)).Addresses;

    private async Task<IReadOnlyList<string>> ComplaintsAsync(int mostFree, CancellationToken cancellationToken)
    {
        var picture = new PoolPicture(await lab.ItemsAsync("nodeippools", cancellationToken), await lab.ItemsAsync("virtualnetworks", cancellationToken), await ArmAsync(cancellationToken));
        var wrong = new List<string>(picture.Complaints([.. lab.Nodes.Values.Select(node => (node.Name, node.Settings.Mac))], mostFree));
        foreach (var node in lab.Nodes.Values)
        {
            var kernel = await KernelReader.ReadAsync(node.Space, cancellationToken);
            wrong.AddRange(LeftBehind(node, kernel, picture.OwnedBy(node.Settings.Mac)));
            var spool = (await node.RunAsync(["/bin/sh", "-c", "ls -A /run/vnetcni/spool 2>/dev/null; true"], cancellationToken)).Trim();
            if (spool.Length > 0)
                wrong.Add($"{node.Name}: the DEL spool holds {spool}");
        }

        return wrong;
    }
}

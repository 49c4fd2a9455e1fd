using System.Text.Json.Nodes;
using Vnetcni.AgentProtocol;
using Vnetcni.Lab.Arm;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;
using Vnetcni.Lab.Soak.Running;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Soak.Ending;

/// <summary>Nothing may be left once faults have healed and all pods are gone. Looks at kernel, API, ARM, files and metrics.</summary>
internal sealed class EndChecks(SoakContext soak, IReadOnlyDictionary<string, NodeKernel> before, Action<string> tell)
{
    private static readonly string[] EmptyStates = ["in_use", "cooling", "offered", "quarantined", "missing"];

    // Rests of 30 s, the release delay, backoffs of up to 30 s and the lease come one after the other.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int RoundsPerWord = 8;
    private const int RequestsTold = 80;

    /// <summary>Waits until everything agrees and is at rest. Says how it ended; a violation when it does not come.</summary>
    public async Task<string> ConvergeAsync(int mostFree, CancellationToken cancellationToken)
    {
        var complaints = await WaitAsync(() => ComplaintsAsync(mostFree, cancellationToken), cancellationToken);
        if (complaints.Count > 0)
        {
            var picture = await PictureAsync(cancellationToken);
            var pools = picture.Pools.Concat(picture.Networks).Select(item => $"{item!["kind"]} {item["metadata"]!["name"]}: {item["status"]?.ToJsonString()}");
            var requests = (await soak.Lab.Arm.JournalAsync(cancellationToken)).TakeLast(RequestsTold);
            soak.Report(new SoakViolation(
                $"everything is given back within {Patience.TotalSeconds:0} s of the last DEL",
                string.Join('\n', ["What is left:", .. complaints, "The objects:", .. pools, "ARM's last requests:", .. requests])));
        }

        var owned = (await PictureAsync(cancellationToken)).Owned.Count();
        return $"{owned} addresses stay on {soak.Lab.Nodes.Count} NICs for the next pods; no other address, veth, route, rule, reservation, recorded DEL or ledger entry is left";
    }

    /// <summary>Deallocates the VMs and deletes the Nodes: every address of ours leaves ARM.</summary>
    public async Task<string> NodesGoneAsync(CancellationToken cancellationToken)
    {
        foreach (var node in soak.Lab.Nodes)
            await soak.Lab.Arm.DeallocateAsync(LabAzure.VmResourceId(node.Settings), cancellationToken);
        await soak.Lab.Cluster.KubectlAsync(["delete", "nodes", .. soak.Lab.Nodes.Select(node => node.Name)], cancellationToken);
        var complaints = await WaitAsync(() => NodeComplaintsAsync(cancellationToken), cancellationToken);
        if (complaints.Count > 0)
            soak.Report(new SoakViolation("the addresses of a deallocated VM whose Node is gone are given back", string.Join('\n', complaints)));
        return "no pool, reservation or pod address is left";
    }

    /// <summary>The simulator's own log of broken rules.</summary>
    public async Task<string> InvariantsAsync(CancellationToken cancellationToken)
    {
        var broken = await soak.Lab.Arm.InvariantsAsync(cancellationToken);
        if (broken.Count > 0)
            soak.Report(new SoakViolation("ARM's invariants hold", string.Join('\n', broken.Take(5))));
        return await soak.Lab.Arm.CountersAsync(cancellationToken);
    }

    private static string Short(string text) => text.Length > 160 ? text[..160] + "…" : text;

    private async Task<IReadOnlyList<string>> WaitAsync(Func<Task<IReadOnlyList<string>>> complain, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var round = 0; ; round++)
        {
            var complaints = await complain();
            if (complaints.Count > 0 && round % RoundsPerWord == 0)
                tell($"not at rest yet in {complaints.Count} ways, such as: {string.Join("; ", complaints.Take(3).Select(Short))}");
            if (complaints.Count == 0 || TimeProvider.System.GetElapsedTime(start) > Patience)
                return complaints;
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<string>> NodeComplaintsAsync(CancellationToken cancellationToken)
    {
        var picture = await PictureAsync(cancellationToken);
        var wrong = new List<string>(picture.Pools.Select(pool => $"NodeIpPool {pool!["metadata"]!["name"]} is still there: {pool["status"]?.ToJsonString()}"));
        wrong.AddRange(picture.Owned.Select(a => $"ARM still has {a.Address} as {a.Name} on {a.Mac}"));
        // One that is closing and holds no room waits for the sweeper, which comes by once a minute.
        wrong.AddRange(picture.Networks.SelectMany(n => n!["status"]?["reservations"] as JsonArray ?? [])
            .Where(r => r!["closing"]?.GetValue<bool>() != true || r["base"]!.GetValue<int>() != 0 || r["ceiling"]!.GetValue<int>() != 0)
            .Select(r => $"a reservation is left: {r!.ToJsonString()}"));
        return wrong;
    }

    private async Task<IReadOnlyList<string>> ComplaintsAsync(int mostFree, CancellationToken cancellationToken)
    {
        var picture = await PictureAsync(cancellationToken);
        var wrong = new List<string>(picture.Complaints([.. soak.Lab.Nodes.Select(node => (node.Name, node.Settings.Mac))], mostFree));
        if (await soak.Pods.CountAsync(cancellationToken) is var pods and > 0)
            wrong.Add($"{pods} Pod objects are left");
        wrong.AddRange(soak.Truth.Held().Select(held => $"{held.Address} is held by {held.Holder}"));
        foreach (var node in soak.Lab.Nodes)
        {
            wrong.AddRange(await AgentComplaintsAsync(node, cancellationToken));
            var kernel = await KernelReader.ReadAsync(node.Space, cancellationToken);
            wrong.AddRange(kernel.LeftBehind(before[node.Name], picture.OwnedBy(node.Settings.Mac)).Select(left => $"{node.Name}: {left}"));
            var spool = new AgentPaths(node.Socket).Spool;
            if (Directory.Exists(spool))
                wrong.AddRange(Directory.EnumerateFileSystemEntries(spool).Select(file => $"{node.Name}: {file} is left in the DEL spool"));
        }

        return wrong;
    }

    private static async Task<IReadOnlyList<string>> AgentComplaintsAsync(LabNode node, CancellationToken cancellationToken)
    {
        if (node.Agent is not { HasExited: false })
            return [$"the agent of {node.Name} has ended: {node.Agent?.Tail()}"];
        var wrong = new List<string>();
        try
        {
            foreach (var state in EmptyStates)
            {
                if (await node.AgentCountAsync(state, cancellationToken) is var count and not 0)
                    wrong.Add($"the agent of {node.Name} counts {count} addresses as {state}");
            }
        }
        catch (ShellException e)
        {
            wrong.Add(e.Message);
        }

        return wrong;
    }

    private async Task<PoolPicture> PictureAsync(CancellationToken cancellationToken) => new(
        await ItemsAsync("nodeippools", cancellationToken),
        await ItemsAsync("virtualnetworks", cancellationToken),
        await ArmFollower.ReadAsync(soak, 0, cancellationToken));

    private async Task<JsonArray> ItemsAsync(string plural, CancellationToken cancellationToken) =>
        JsonNode.Parse(await soak.Lab.Cluster.KubectlAsync(["get", plural, "-o", "json"], cancellationToken))!["items"]!.AsArray();
}

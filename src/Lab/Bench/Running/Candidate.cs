using System.Globalization;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>A plug-in on a machine of its own.</summary>
/// <param name="Name">As the tables show it.</param>
/// <param name="Node">Its machine.</param>
/// <param name="Residents">Pods that stay there.</param>
/// <param name="Plugins">Folder of its programs.</param>
/// <param name="Program">The program that is started.</param>
/// <param name="Agent">Its long-lived process; null where it has none.</param>
internal sealed record Candidate(string Name, BenchNode Node, int Residents, string Plugins, string Program, Daemon? Agent)
{
    private string Conflist => Path.Combine(Node.Folder, "bench.conflist");

    /// <summary>Ours, with an agent on that machine.</summary>
    public static async Task<Candidate> OursAsync(BenchOptions options, int residents, CancellationToken cancellationToken)
    {
        var node = await BenchNode.CreateAsync(options.Folder, $"ours-{residents}", cancellationToken);
        var agent = await BenchAgent.StartAsync(options.Agent, node, "10.224.1", BenchOptions.FullNode, cancellationToken);
        return await ReadyAsync(
            options, new Candidate(Names.Ours, node, residents, Path.GetDirectoryName(options.Binary)!, Path.GetFileName(options.Binary), agent),
            """{"type": "vnetcni"}""", cancellationToken);
    }

    /// <summary>A plug-in of containernetworking with host-local.</summary>
    public static async Task<Candidate> PeerAsync(BenchOptions options, string folder, string name, int residents, CancellationToken cancellationToken)
    {
        var type = name.StartsWith("ptp", StringComparison.Ordinal) ? "ptp" : "bridge";
        var node = await BenchNode.CreateAsync(options.Folder, $"{type}-{(folder == options.Peers ? "" : "newer-")}{residents}", cancellationToken);
        var own = type == "bridge" ? "\"bridge\": \"cni0\", \"isGateway\": true, " : string.Empty;
        return await ReadyAsync(
            options, new Candidate(name, node, residents, folder, type, null),
            $$"""
            {"type": "{{type}}", {{own}}"ipMasq": false, "ipam": {"type": "host-local", "dataDir": "{{node.Folder}}/leases", "subnet": "10.244.0.0/20", "routes": [{"dst": "0.0.0.0/0"}]} }
            """,
            cancellationToken);
    }

    /// <summary>The limit.</summary>
    public static async Task<Candidate> FloorAsync(BenchOptions options, CancellationToken cancellationToken) => await ReadyAsync(
        options, new Candidate(Names.Floor, await BenchNode.CreateAsync(options.Folder, "floor", cancellationToken), 0, options.Tools, "floor", null),
        """{"type": "floor"}""", cancellationToken);

    /// <summary>ADD and DEL of a turn's pods. Throws <see cref="ShellException"/> when one failed or a pod was not wired up.</summary>
    public async Task<IReadOnlyList<DriverRun>> TurnAsync(BenchOptions options, int pods, int parallel, CancellationToken cancellationToken, params string[] flags)
    {
        var output = await DriveAsync(
            options, ["-n", Text(pods), "-j", Text(parallel), "-r", "1", "-w", "0", "-P", "turn", "-D", .. flags], cancellationToken);
        return DriverRun.Parse(output);
    }

    private static async Task<Candidate> ReadyAsync(BenchOptions options, Candidate candidate, string plugin, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            candidate.Conflist, $$"""{"cniVersion": "1.0.0", "name": "bench", "plugins": [{{plugin.Trim()}}]}""" + "\n", cancellationToken);
        if (candidate.Residents > 0)
        {
            await candidate.DriveAsync(
                options, ["-n", Text(candidate.Residents), "-j", "2", "-k", "-w", "0", "-P", "stay", "-o", "1000", "-J"], cancellationToken);
        }

        return candidate;
    }

    private Task<string> DriveAsync(BenchOptions options, IEnumerable<string> flags, CancellationToken cancellationToken)
    {
        string[] agent = Agent is { } daemon ? ["-a", Text(daemon.Id), "-e", $"VNETCNI_SOCKET={BenchAgent.SocketOf(Node)}"] : [];
        return Node.Space.RunAsync(
            Path.Combine(options.Tools, "cnidrv"),
            ["-c", Conflist, "-p", Plugins, "-d", Path.Combine(Node.Folder, "netns"), "-l", Name, .. agent, .. flags], cancellationToken);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

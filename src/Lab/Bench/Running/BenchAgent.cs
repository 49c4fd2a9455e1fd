using System.Globalization;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>Starts the published agent on a machine of the bench, with a pool from a file and <c>reuseCooldown: 0s</c>.</summary>
internal static class BenchAgent
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The agent's socket on a machine.</summary>
    public static string SocketOf(BenchNode node) => Path.Combine(node.Folder, "agent.sock");

    /// <summary>Starts it and waits until it takes calls. Throws <see cref="ShellException"/> with its log when it does not.</summary>
    /// <param name="program">The agent.</param>
    /// <param name="node">The machine.</param>
    /// <param name="prefix">The first three numbers of the pods' addresses.</param>
    /// <param name="addresses">How many there are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Daemon> StartAsync(string program, BenchNode node, string prefix, int addresses, CancellationToken cancellationToken)
    {
        await WritePoolAsync(node, prefix, addresses, cancellationToken);
        return await StartAsync(program, node, cancellationToken);
    }

    /// <summary>The same with translation of what leaves a virtual network, as on a node.</summary>
    public static async Task<Daemon> StartTranslatingAsync(
        string program, BenchNode node, string prefix, int addresses, string network, CancellationToken cancellationToken)
    {
        await WritePoolAsync(node, prefix, addresses, cancellationToken, $$""", "snat": {"excludedCidrs": ["{{network}}"]}""");
        return await StartAsync(program, node, cancellationToken);
    }

    /// <summary>Starts it on the pool that is there.</summary>
    public static async Task<Daemon> StartAsync(string program, BenchNode node, CancellationToken cancellationToken)
    {
        var agent = Daemon.Start(
            $"agent of {node.Space.Name}", Path.Combine(node.Folder, "agent.log"), node.Space.Name, program,
            [
                "--node-name", "bench", "--socket", SocketOf(node), "--pool", $"file:{Path.Combine(node.Folder, "pool.json")}",
                "--http", "127.0.0.1:9468", "--cri-socket", "none", "--log-level", "Warning",
            ]);
        var start = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync(node, cancellationToken))
        {
            if (agent.HasExited || TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                var log = agent.Tail();
                await agent.DisposeAsync();
                throw new ShellException($"the agent on {node.Space.Name} does not serve: {log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        return agent;
    }

    /// <summary>Writes the pool: <paramref name="addresses"/> of PREFIX.1 and up, and further fields.</summary>
    public static Task WritePoolAsync(BenchNode node, string prefix, int addresses, CancellationToken cancellationToken, string more = "")
    {
        var list = string.Join(", ", Enumerable.Range(1, addresses).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"{prefix}.{i}\"")));
        return File.WriteAllTextAsync(
            Path.Combine(node.Folder, "pool.json"), $$"""{"pool": {"maxAddresses": 250, "reuseCooldown": "0s"}, "addresses": [{{list}}]{{more}}}""" + "\n", cancellationToken);
    }

    private static async Task<bool> IsReadyAsync(BenchNode node, CancellationToken cancellationToken)
    {
        var answer = await Shell.TryRunAsync(
            "nsenter", [$"--net={node.Space.Path}", "--", "curl", "-sf", "-o", "/dev/null", "http://127.0.0.1:9468/readyz"], cancellationToken);
        return answer.ExitCode == 0;
    }
}

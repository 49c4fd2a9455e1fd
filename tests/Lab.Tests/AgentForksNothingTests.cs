using System.Globalization;
using Vnetcni.AgentProtocol;
using Vnetcni.Lab.Bench.Running;
using Vnetcni.Lab.Churn;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Lab.Tests;

public sealed class AgentForksNothingTests
{
    private const int Pods = 12;

    [Fact]
    public async Task While_pods_come_and_go_the_agent_starts_no_process()
    {
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/strace"))
            Assert.Skip("it needs root and strace");
        var cancellation = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("vnetcni-forks-").FullName;
        try
        {
            var node = await BenchNode.CreateAsync(folder, "node", cancellation);
            using var space = TestNetns.Existing(node.Space.Path);
            var leaks = new NodeLeaks(space);
            await using var agent = await BenchAgent.StartAsync(LabPrograms.Agent, node, "10.224.1", Pods, cancellation);
            var trace = Path.Combine(folder, "trace");
            await using (var strace = Daemon.Start(
                "strace", Path.Combine(folder, "strace.log"), null, "/usr/bin/strace",
                ["-f", "-e", "trace=fork,vfork,clone,clone3,execve,execveat,sendto", "-o", trace, "-p", agent.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await AttachedAsync(agent.Id, strace, cancellation);
                ComeAndGo(BenchAgent.SocketOf(node));
            }

            await NothingLeaksAsync(leaks, agent.Id, cancellation);
            var lines = await File.ReadAllLinesAsync(trace, cancellation);
            // Netlink goes out by send: without it the trace has seen nothing.
            Assert.True(lines.Count(line => line.Contains("sendto(", StringComparison.Ordinal)) >= Pods * 3, string.Join('\n', lines.Take(40)));
            Assert.DoesNotContain(lines, line => line.Contains("exec", StringComparison.Ordinal) || line.Contains("fork(", StringComparison.Ordinal));
            // A thread is no process.
            Assert.DoesNotContain(lines, line => line.Contains("clone", StringComparison.Ordinal) && !line.Contains("resumed", StringComparison.Ordinal) && !line.Contains("CLONE_THREAD", StringComparison.Ordinal));
        }
        finally
        {
            await NetworkNamespace.RemoveAllAsync(BenchNode.PrefixOf(folder), CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }

        Assert.Empty(NodeLeaks.FindOnMachine(BenchNode.PrefixOf(folder)));
    }

    // Links go after the answer to their DEL.
    private static async Task NothingLeaksAsync(NodeLeaks leaks, int agent, CancellationToken cancellation)
    {
        var pods = NodePods.None with { UnreachableRoutes = Pods, Tables = ["ip vnetcni"], Agent = agent };
        for (var i = 0; i < 100 && leaks.Find(pods).Count > 0; i++)
            await Task.Delay(50, cancellation);
        Assert.Empty(leaks.Find(pods));
    }

    private static async Task AttachedAsync(int agent, Daemon strace, CancellationToken cancellation)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"/proc/{agent}/task");
        for (var i = 0; i < 500; i++)
        {
            if (strace.HasExited)
                Assert.Skip($"strace can't trace here: {strace.Tail()}");
            if (Directory.EnumerateDirectories(status).All(IsTraced))
                return;
            await Task.Delay(20, cancellation);
        }

        Assert.Fail("strace did not attach to all of the agent's threads within 10 s");
    }

    private static bool IsTraced(string task)
    {
        try
        {
            return File.ReadLines(Path.Combine(task, "status")).Any(line => line.StartsWith("TracerPid:", StringComparison.Ordinal) && line.Trim() != "TracerPid:\t0");
        }
        catch (IOException)
        {
            // The thread has ended meanwhile.
            return true;
        }
    }

    private static void ComeAndGo(string socket)
    {
        var client = new ChurnClient(socket);
        var sandboxes = Enumerable.Range(0, Pods).Select(_ => ChurnSandbox.Create()).ToArray();
        try
        {
            // Twice, so that links are also reaped and addresses used again.
            for (var round = 0; round < 2; round++)
            {
                for (var i = 0; i < Pods; i++)
                    Assert.Equal(0, client.Call(CniCommand.Add, $"pod{round}x{i}", sandboxes[i].Path, sandboxes[i].Descriptors).ExitCode);
                for (var i = 0; i < Pods; i++)
                    Assert.Equal(0, client.Call(CniCommand.Del, $"pod{round}x{i}", string.Empty, []).ExitCode);
            }
        }
        finally
        {
            Array.ForEach(sandboxes, sandbox => sandbox.Dispose());
        }
    }
}

using System.Diagnostics;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests;

public sealed class StartTests(PublishedBinary binary)
{
    [Fact]
    public async Task The_binary_does_not_read_mountinfo()
    {
        if (!File.Exists("/usr/bin/strace"))
            Assert.Skip("strace is not installed");
        var trace = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/usr/bin/strace", ["-f", "-e", "trace=%file", "-o", trace, binary.Path])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["CNI_COMMAND"] = "VERSION";
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var run = await PluginRun.FinishAsync(process);
            if (run.ExitCode != 0)
                Assert.Skip($"strace can't trace here: {run.Errors}");
            var calls = await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken);
            Assert.Contains("execve", calls, StringComparison.Ordinal);
            Assert.DoesNotContain("mountinfo", calls, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Fact]
    public void The_binary_is_small_and_needs_no_library()
    {
        Assert.InRange(new FileInfo(binary.Path).Length, 1, 2_500_000);
        // An interpreter in the program header would name ld.so.
        Assert.DoesNotContain("ld-linux", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(binary.Path)[..4096]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_binary_stays_within_3_MB_of_memory_while_its_ADD_waits()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync(addresses: 0);
        using var process = PluginRun.Start(
            binary.Path, agent.Call("ADD", "waits", ns.Path), System.Text.Encoding.UTF8.GetBytes(PluginRun.Config()));
        await TestAgent.EventuallyAsync(() => agent.Core.Waiting == 1, "the ADD waits", 20_000);
        var peak = File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        process.Kill();
        Assert.InRange(int.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture), 100, 3 * 1024);
    }

    [Fact]
    public async Task Neither_the_binary_nor_the_agent_starts_a_process_for_ADD_CHECK_or_DEL()
    {
        if (!File.Exists("/usr/bin/strace"))
            Assert.Skip("strace is not installed");
        using var node = new RealNode(binary, 4);
        var pod = node.Pod("pod");
        var trace = Path.Combine(node.Folder, "trace");
        using var strace = Process.Start(
            new ProcessStartInfo("/usr/bin/strace", ["-f", "-e", "trace=execve,execveat,?fork,?vfork", "-o", trace, "-p", $"{node.Agent.ProcessId}"])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            })!;
        // It says so when it is attached, and ends when it can't be.
        var said = await strace.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";
        if (!said.Contains("attached", StringComparison.Ordinal))
            Assert.Skip($"strace can't attach here: {said}");
        try
        {
            for (var i = 0; i < 3; i++)
            {
                var added = await node.CallAsync("ADD", "c1", pod.Path);
                Assert.True(added.ExitCode == 0, added.Output);
                var check = PluginRun.Config(more: $$""","prevResult":{{added.Output}}""");
                Assert.Equal(new PluginResult(0, "", ""), await node.CallAsync("CHECK", "c1", pod.Path, check));
                Assert.Equal(0, (await node.CallAsync("DEL", "c1", "")).ExitCode);
            }

            await node.AssertNothingLeakedAsync();
        }
        finally
        {
            // By SIGINT, upon which it writes what it still holds and lets go of the agent.
            using var interrupt = Process.Start("kill", ["-INT", $"{strace.Id}"]);
            await strace.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        // Ends of threads and signals are told too.
        Assert.DoesNotContain(
            await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken),
            line => line.Contains("exec", StringComparison.Ordinal) || line.Contains("fork(", StringComparison.Ordinal));

        // The binary: one execve, its own, and no child of any kind.
        var start = new ProcessStartInfo("/usr/bin/strace", ["-f", "-e", "trace=%process", "-o", trace, binary.Path])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        await using var agent = await TestAgent.StartAsync();
        foreach (var (name, value) in agent.Call("ADD", "traced", pod.Path))
            start.Environment[name] = value;
        using var traced = Process.Start(start)!;
        await traced.StandardInput.WriteAsync(PluginRun.Config());
        traced.StandardInput.Close();
        var run = await PluginRun.FinishAsync(traced);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        var calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        Assert.Single(calls, call => call.Contains("execve", StringComparison.Ordinal));
        Assert.DoesNotContain(calls, call => call.Contains("fork(", StringComparison.Ordinal));
        // A thread shares all; a process of its own would not.
        var births = calls.Where(call => call.Contains("clone(", StringComparison.Ordinal) || call.Contains("clone3(", StringComparison.Ordinal));
        Assert.All(births, call => Assert.Contains("CLONE_THREAD", call, StringComparison.Ordinal));
    }
}

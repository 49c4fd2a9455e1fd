using System.Diagnostics;
using System.Net.Sockets;
using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.CniBinary.Tests;

public sealed class AgentAwayTests(PublishedBinary binary)
{
    [Fact]
    public async Task ADD_tries_for_ten_seconds_then_says_try_again_later()
    {
        using var ns = new TestNamespace();
        await using var agent = new TestAgent();
        var watch = Stopwatch.StartNew();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        Assert.InRange(watch.Elapsed.TotalSeconds, 9.5, 13);
        Assert.Equal(CniErrorCode.TryAgainLater, run.Code);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task ADD_succeeds_when_the_agent_comes_back_in_time()
    {
        using var ns = new TestNamespace();
        await using var agent = new TestAgent();
        var running = PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        await Task.Delay(700, TestContext.Current.CancellationToken);
        await agent.StartAsync();
        Assert.Equal(0, (await running).ExitCode);
    }

    [Theory]
    [InlineData("CHECK")]
    [InlineData("GC")]
    public async Task CHECK_and_GC_say_try_again_later_at_once(string command)
    {
        using var ns = new TestNamespace();
        await using var agent = new TestAgent();
        var watch = Stopwatch.StartNew();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call(command, netns: ns.Path), PluginRun.Config());
        Assert.Equal(CniErrorCode.TryAgainLater, run.Code);
        Assert.True(watch.Elapsed.TotalSeconds < 2);
    }

    [Fact]
    public async Task DEL_is_recorded_succeeds_and_is_done_before_the_agent_serves()
    {
        await using var agent = new TestAgent();
        for (var i = 0; i < 2; i++)
        {
            var run = await PluginRun.RunAsync(binary.Path, agent.Call("DEL", "gone"), PluginRun.Config());
            Assert.Equal(0, run.ExitCode);
            Assert.Equal("", run.Output);
            Assert.Contains("recorded", run.Errors, StringComparison.Ordinal);
        }

        var (file, entry) = Assert.Single(agent.Spool.Read());
        Assert.Equal("gone", entry!.ContainerId);
        Assert.Equal("vnet", entry.Network);
        Assert.Equal("eth0", entry.InterfaceName);
        Assert.Equal(BootId.Read(), entry.BootId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(agent.Paths.Spool));

        await agent.StartAsync();
        Assert.Equal([new Owner("vnet", "gone", "eth0")], agent.Core.Deletes);
        Assert.Empty(agent.Spool.Read());
    }

    [Fact]
    public async Task DEL_fails_when_it_can_neither_be_forwarded_nor_recorded()
    {
        await using var agent = new TestAgent();
        var variables = agent.Call("DEL");
        variables[AgentPaths.SocketVariable] = "/proc/no-such-folder/agent.sock";
        var run = await PluginRun.RunAsync(binary.Path, variables, PluginRun.Config());
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(CniErrorCode.Io, run.Code);
    }

    [Fact]
    public async Task An_agent_that_dies_before_its_answer_is_away_DEL_is_recorded_and_ADD_fails()
    {
        using var ns = new TestNamespace();
        await using var agent = new TestAgent();
        Directory.CreateDirectory(agent.Paths.Folder);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(agent.Paths.Socket));
        listener.Listen(4);
        var dying = Task.Run(() =>
        {
            for (var i = 0; i < 2; i++)
            {
                using var client = listener.Accept();
                client.Receive(new byte[64 * 1024]);
            }
        }, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await PluginRun.RunAsync(binary.Path, agent.Call("DEL"), PluginRun.Config())).ExitCode);
        Assert.Single(agent.Spool.Read());
        var add = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        Assert.Equal(CniErrorCode.TryAgainLater, add.Code);
        await dying;
    }

    /// <summary>The time limit is for the whole answer, not for each of its bytes.</summary>
    [Fact]
    public async Task An_agent_that_sends_a_byte_now_and_then_is_away()
    {
        await using var agent = new TestAgent();
        Directory.CreateDirectory(agent.Paths.Folder);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(agent.Paths.Socket));
        listener.Listen(1);
        var sent = 0;
        var dripping = Task.Run(async () =>
        {
            using var client = await listener.AcceptAsync(TestContext.Current.CancellationToken);
            byte[] answer = [40, 0, 0, 0, .. new byte[40]];
            try
            {
                for (; sent < answer.Length; sent++)
                {
                    await client.SendAsync(answer.AsMemory(sent, 1));
                    await Task.Delay(250, TestContext.Current.CancellationToken);
                }
            }
            catch (SocketException)
            {
                // The binary hung up.
            }
        }, TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("STATUS"), PluginRun.Config());
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.9, 4);
        Assert.Equal(CniErrorCode.NotAvailable, run.Code);
        Assert.Contains("did not answer within 2 s", run.Output, StringComparison.Ordinal);
        await dripping;
        Assert.InRange(sent, 5, 20);
    }

    [Fact]
    public async Task A_recorded_DEL_is_done_before_an_ADD_of_the_same_owner()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal(0, (await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config())).ExitCode);
        agent.Spool.Write(new(BootId.Read(), "vnet", "c1", "eth0", DateTimeOffset.UnixEpoch));
        var again = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        Assert.Equal(0, again.ExitCode);
        Assert.Single(agent.Core.Deletes);
        Assert.Empty(agent.Spool.Read());
    }

    [Fact]
    public async Task STATUS_fails_before_the_first_service_and_after_a_long_absence_but_not_during_a_restart()
    {
        await using var agent = new TestAgent();
        var status = () => PluginRun.RunAsync(binary.Path, agent.Call("STATUS"), PluginRun.Config());
        var never = await status();
        Assert.Equal(CniErrorCode.NotAvailable, never.Code);

        await agent.StartAsync();
        await TestAgent.EventuallyAsync(() => File.Exists(agent.Paths.Alive), "the alive file");
        await agent.StopAsync();
        Assert.False(File.Exists(agent.Paths.Socket));
        Assert.Equal(new PluginResult(0, "", ""), await status());

        File.SetLastWriteTimeUtc(agent.Paths.Alive, DateTime.UtcNow.AddSeconds(-61));
        Assert.Equal(CniErrorCode.NotAvailable, (await status()).Code);

        File.WriteAllText(agent.Paths.Alive, "of-another-boot\n");
        Assert.Equal(CniErrorCode.NotAvailable, (await status()).Code);
    }

    [Fact]
    public async Task The_alive_file_waits_until_ADD_can_be_served()
    {
        await using var agent = new TestAgent();
        agent.Core.Fault = new CniException(CniErrorCode.NotAvailable, "no pool yet");
        await agent.StartAsync();
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(File.Exists(agent.Paths.Alive));
    }
}

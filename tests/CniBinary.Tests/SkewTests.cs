using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.CniBinary.Tests;

/// <summary>A binary and an agent of different releases: what was recorded stands for the other one.</summary>
public sealed class SkewTests(PublishedBinary binary)
{
    // A DEL as the first release sends it. Never to be changed: while protocol 1 is served, this has to be understood.
    private const string RecordedRequest =
        """{"v":1,"cmd":"DEL","id":"c1","ifname":"eth0","netns":"/run/netns/p","path":"/opt/cni/bin","args":"K8S_POD_NAME=a","config":{"cniVersion":"1.0.0","name":"vnet","type":"vnetcni"}}""";

    [Fact]
    public async Task A_recorded_request_of_protocol_1_is_served_and_still_what_is_sent()
    {
        await using var agent = await TestAgent.StartAsync();
        using var client = new RawClient(agent.Paths);
        Assert.Equal(0, client.Send(RawClient.Prefixed(RecordedRequest)).Receive()!.ExitCode);
        Assert.Equal(new Owner("vnet", "c1", "eth0"), Assert.Single(agent.Core.Deletes));

        var environment = new CniEnvironment(CniCommand.Del, "c1", "eth0", "/run/netns/p", "/opt/cni/bin", "K8S_POD_NAME=a");
        var frame = new WireRequest(environment, Encoding.UTF8.GetBytes(PluginRun.Config("1.0.0"))).ToFrame();
        Assert.Equal(RecordedRequest, Encoding.UTF8.GetString(frame.AsSpan(4)));
    }

    [Fact]
    public async Task An_agent_that_does_not_serve_the_binarys_protocol_is_passed_on_as_its_typed_error()
    {
        const string refusal = """{"cniVersion":"1.1.0","code":11,"msg":"the CNI binary speaks protocol 1, the agent 2 to 3"}""";
        var run = await AgainstAsync([.. Length(1 + refusal.Length), 1, .. Encoding.UTF8.GetBytes(refusal)]);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(CniErrorCode.TryAgainLater, run.Code);
        Assert.Contains("protocol 1", run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task A_DEL_whose_protocol_the_agent_refuses_is_recorded_and_done_later_and_other_verbs_say_try_again(int spoken)
    {
        await using var agent = await TestAgent.StartAsync();
        await using var proxy = new SkewedProxy(agent.Paths, spoken);
        Dictionary<string, string> Skewed(string command)
        {
            var variables = agent.Call(command, "skewed");
            variables[AgentPaths.SocketVariable] = proxy.Socket;
            return variables;
        }

        var deleted = await PluginRun.RunAsync(binary.Path, Skewed("DEL"), PluginRun.Config());
        Assert.True(deleted.ExitCode == 0, deleted.Output);
        Assert.Equal("", deleted.Output);
        Assert.Contains("different releases; the DEL is recorded", deleted.Errors, StringComparison.Ordinal);
        // The agent finds it in its next round, and before an ADD of the same owner.
        await TestAgent.EventuallyAsync(() => agent.Core.Locked(() => agent.Core.Deletes.Count) > 0, "the recorded DEL", 40_000);
        Assert.Equal([new Owner("vnet", "skewed", "eth0")], agent.Core.Deletes);
        Assert.Empty(agent.Spool.Read());

        var refused = await PluginRun.RunAsync(binary.Path, Skewed("GC"), PluginRun.Config());
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(CniErrorCode.TryAgainLater, refused.Code);
        Assert.Contains($"protocol {spoken}", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_the_agent_cannot_read_at_all_is_answered_so_that_a_DEL_is_recorded()
    {
        await using var agent = await TestAgent.StartAsync();
        using var client = new RawClient(agent.Paths);
        Assert.Equal(WireReply.NotUnderstood, client.Send(RawClient.Prefixed("""{"v":1,"cmd":["DEL"]}""")).Receive()!.ExitCode);
        // What was understood and is wrong is an error as ever.
        using var other = new RawClient(agent.Paths);
        Assert.Equal(1, other.Send(RawClient.Prefixed("""{"v":1,"cmd":"DEL","id":"","ifname":"eth0","config":{"cniVersion":"1.0.0","name":"vnet","type":"vnetcni"}}""")).Receive()!.ExitCode);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 5, 0, 0 })]
    [InlineData(new byte[] { 5, 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0, 0 })]
    [InlineData(new byte[] { (byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'2' })]
    public async Task A_reply_that_is_none_is_a_typed_error_and_no_hang(byte[] reply)
    {
        var run = await AgainstAsync(reply);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(run.Code, new[] { CniErrorCode.Io, CniErrorCode.TryAgainLater });
    }

    // One CHECK against somebody who listens in the agent's place.
    private async Task<PluginResult> AgainstAsync(byte[] reply)
    {
        using var ns = new TestNamespace();
        await using var agent = new TestAgent();
        Directory.CreateDirectory(agent.Paths.Folder);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(agent.Paths.Socket));
        listener.Listen(1);
        var running = PluginRun.RunAsync(binary.Path, agent.Call("CHECK", netns: ns.Path), PluginRun.Config());
        using (var client = await listener.AcceptAsync(TestContext.Current.CancellationToken))
        {
            await client.ReceiveAsync(new byte[64 * 1024], TestContext.Current.CancellationToken);
            await client.SendAsync(reply, TestContext.Current.CancellationToken);
        }

        return await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static byte[] Length(int bytes)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)bytes);
        return length;
    }
}

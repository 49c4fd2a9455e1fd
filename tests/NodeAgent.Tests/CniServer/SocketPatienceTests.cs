using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.NodeAgent.CniServer;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.CniServer;

/// <summary>A client that is kept off the CPU between its connect and its request.</summary>
public sealed class SocketPatienceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-patience-").FullName;
    private readonly NothingHeld _core = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_request_that_comes_seconds_after_its_connection_is_served()
    {
        await using var server = await StartAsync(options => options);
        var frame = Del();
        using var client = Connect();
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        client.Send(frame.AsSpan(0, 10));
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        client.Send(frame.AsSpan(10));
        Assert.Equal(0, Receive(client).ExitCode);
        Assert.Equal("c1", Assert.Single(_core.Deleted).ContainerId);
    }

    [Fact]
    public async Task One_that_does_not_come_is_told_to_try_again_with_the_numbers()
    {
        await using var server = await StartAsync(options => new AgentSocketServerOptions
        {
            Paths = options.Paths,
            Core = options.Core,
            ReceiveTimeout = TimeSpan.FromMilliseconds(300),
        });
        var frame = Del();
        using var client = Connect();
        client.Send(frame.AsSpan(0, 10));
        var reply = Receive(client);
        Assert.NotEqual(0, reply.ExitCode);
        var error = JsonDocument.Parse(reply.Output).RootElement;
        Assert.Equal(CniErrorCode.TryAgainLater, error.GetProperty("code").GetInt32());
        Assert.Contains("10 bytes of it came within 0.3 s, 1 connections are open", error.GetProperty("details").GetString());
        Assert.Empty(_core.Deleted);
    }

    private async Task<AgentSocketServer> StartAsync(Func<AgentSocketServerOptions, AgentSocketServerOptions> with)
    {
        var options = with(new AgentSocketServerOptions { Paths = new AgentPaths(Path.Combine(_folder, "run", "agent.sock")) });
        var server = new AgentSocketServer(options, _core, TimeProvider.System, NullLogger<AgentSocketServer>.Instance);
        await server.StartAsync();
        return server;
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "run", "agent.sock")));
        return socket;
    }

    private static byte[] Del() => new WireRequest(
        new CniEnvironment(CniCommand.Del, "c1", "eth0", "", "/opt/cni/bin", ""),
        Encoding.UTF8.GetBytes("""{"cniVersion":"1.0.0","name":"net","type":"vnetcni"}""")).ToFrame();

    private static WireReply Receive(Socket client)
    {
        List<byte> all = [];
        var buffer = new byte[4096];
        while (client.Receive(buffer) is var read and > 0)
            all.AddRange(buffer.AsSpan(0, read));
        return WireReply.Parse(all.Skip(WireLimits.LengthBytes).ToArray());
    }
}

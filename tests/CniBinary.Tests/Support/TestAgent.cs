using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Spool;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.CniServer;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>The real server over a fake core, in a folder of its own.</summary>
public sealed class TestAgent : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-").FullName;
    private readonly AgentSocketServerOptions? _options;
    private AgentSocketServer? _server;

    public TestAgent(int addresses = 4, Func<AgentSocketServerOptions, AgentSocketServerOptions>? with = null)
    {
        Core = new FakeAttachments(addresses);
        Paths = new AgentPaths(Path.Combine(_folder, "run", "agent.sock"));
        _options = new AgentSocketServerOptions { Paths = Paths, PodNamespaces = (netns, socket, path) => new FakeNamespace(netns, socket, path) };
        if (with is not null)
            _options = with(_options);
    }

    public FakeAttachments Core { get; }

    public AgentPaths Paths { get; }

    public SpoolFolder Spool => new(Paths.Spool);

    public static async Task<TestAgent> StartAsync(int addresses = 4, Func<AgentSocketServerOptions, AgentSocketServerOptions>? with = null)
    {
        var agent = new TestAgent(addresses, with);
        await agent.StartAsync();
        return agent;
    }

    public async Task StartAsync()
    {
        _server = new AgentSocketServer(_options!, Core, TimeProvider.System, NullLogger<AgentSocketServer>.Instance);
        await _server.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The variables of a call to this agent.</summary>
    public Dictionary<string, string> Call(string command, string id = "c1", string netns = "", params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = command,
            ["CNI_CONTAINERID"] = id,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_NETNS"] = netns,
            ["CNI_PATH"] = "/opt/cni/bin",
            ["CNI_ARGS"] = "",
            [AgentPaths.SocketVariable] = Paths.Socket,
        };
        foreach (var (name, value) in more)
            variables[name] = value;
        return variables;
    }

    public static async Task EventuallyAsync(Func<bool> condition, string what, int milliseconds = 5000)
    {
        for (var waited = 0; waited < milliseconds; waited += 10)
        {
            if (condition())
                return;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"not within {milliseconds} ms: {what}");
    }

    private sealed class FakeNamespace(SafeHandle netns, SafeHandle socket, string path) : IPodNamespace
    {
        public string Path => path;

        public ulong Inode => 1;

        public void Dispose()
        {
            netns.Dispose();
            socket.Dispose();
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.AgentProtocol;
using Vnetcni.NodeAgent.CniServer;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.CniServer;

/// <summary>A server that has stopped touches nothing any more, whatever its core still has before it.</summary>
public sealed class ServerStopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-stop-").FullName;
    private readonly NothingHeld _core = new();
    private readonly LateContext _context = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_round_that_comes_after_the_stop_does_nothing()
    {
        var server = await StartAsync();
        var round = await _context.Posted.Task;
        await server.DisposeAsync();
        round();
        Assert.False(File.Exists(Paths.Alive));
    }

    [Fact]
    public async Task The_stop_waits_for_a_round_that_runs()
    {
        var ready = new TaskCompletionSource();
        _core.Ready = ready.Task;
        var server = await StartAsync();
        var round = await _context.Posted.Task;
        round();
        var stop = server.DisposeAsync().AsTask();
        await Task.WhenAny(stop, Task.Delay(300, TestContext.Current.CancellationToken));
        Assert.False(stop.IsCompleted);
        ready.SetResult();
        await stop;
        Assert.True(File.Exists(Paths.Alive));
    }

    private AgentPaths Paths => new(Path.Combine(_folder, "run", "agent.sock"));

    private async Task<AgentSocketServer> StartAsync()
    {
        var options = new AgentSocketServerOptions { Paths = Paths, Core = _context };
        var server = new AgentSocketServer(options, _core, TimeProvider.System, NullLogger<AgentSocketServer>.Instance);
        await server.StartAsync();
        return server;
    }

    /// <summary>Runs nothing by itself.</summary>
    private sealed class LateContext : SynchronizationContext
    {
        public TaskCompletionSource<Action> Posted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Post(SendOrPostCallback d, object? state) => Posted.TrySetResult(() => d(state));
    }
}

using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Pool;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Pool;

public sealed class ModeKeeperTests : ILogger
{
    private readonly FakeKernel _kernel = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeNetwork _network;
    private readonly ModeKeeper _keeper;
    private readonly List<string> _log = [];

    public ModeKeeperTests()
    {
        _network = new FakeNetwork(_kernel, new FaultPoints());
        _keeper = new ModeKeeper(_network, _time, this);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_node_takes_the_mode_and_says_so_once()
    {
        await _keeper.PublishAsync("Bridge", Token);
        await _keeper.PublishAsync("Bridge", Token);
        Assert.Equal(DataplaneMode.Bridge, _kernel.Mode);
        Assert.Equal("The node's data plane is in mode Bridge", Assert.Single(_log));
        // A value that only a newer version knows is no order.
        await _keeper.PublishAsync("Tunnel", Token);
        Assert.Equal(DataplaneMode.Bridge, _kernel.Mode);
        await _keeper.PublishAsync("Transparent", Token);
        Assert.Equal(DataplaneMode.Transparent, _kernel.Mode);
    }

    [Fact]
    public async Task A_node_with_pods_keeps_its_mode_says_so_once_and_changes_a_minute_after_it_is_empty()
    {
        _kernel.Links["azv1"] = new FakeKernel.Link("vnetcni:a/b/c", IPAddress.Loopback, 1, "eth0", false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await _keeper.PublishAsync("Bridge", Token);
        await _keeper.PublishAsync("Bridge", Token);
        Assert.Equal(DataplaneMode.Transparent, _kernel.Mode);
        Assert.StartsWith("DataplaneModeKept: 1 pods", Assert.Single(_log), StringComparison.Ordinal);

        var run = _keeper.RunAsync(stop.Token);
        _kernel.Links.Clear();
        for (var i = 0; i < 200 && _kernel.Mode == DataplaneMode.Transparent; i++)
        {
            _time.Advance(ModeKeeper.Interval);
            await Task.Delay(10, Token);
        }
        Assert.Equal(DataplaneMode.Bridge, _kernel.Mode);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_mode_that_the_node_can_not_have_fails_the_publication()
    {
        _network.ModeFailure = new DataplaneException(DataplaneFault.Kernel, "bridge mode: eth0 has an IPv6 address");
        var failure = await Assert.ThrowsAsync<DataplaneException>(() => _keeper.PublishAsync("Bridge", Token));
        Assert.Contains("IPv6", failure.Message, StringComparison.Ordinal);
        _network.ModeFailure = null;
        await _keeper.PublishAsync("Bridge", Token);
        Assert.Equal(DataplaneMode.Bridge, _kernel.Mode);
    }

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Add(formatter(state, exception));

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}

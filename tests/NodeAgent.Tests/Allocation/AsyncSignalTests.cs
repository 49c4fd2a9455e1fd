using Microsoft.Extensions.Time.Testing;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

public class AsyncSignalTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_signal_between_a_time_out_and_the_next_wait_is_not_lost() => SingleThread.Run(_time, async () =>
    {
        var signal = new AsyncSignal(_time);
        await signal.WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        signal.Set();
        var before = _time.GetUtcNow();
        await signal.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(before, _time.GetUtcNow());
    });

    [Fact]
    public void A_signal_after_a_cancelled_wait_is_not_lost() => SingleThread.Run(_time, async () =>
    {
        var signal = new AsyncSignal(_time);
        using var stop = new CancellationTokenSource();
        var cancelled = signal.WaitAsync(null, stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        signal.Set();
        var before = _time.GetUtcNow();
        await signal.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(before, _time.GetUtcNow());
    });

    [Fact]
    public void Signals_that_come_while_nobody_waits_count_as_one() => SingleThread.Run(_time, async () =>
    {
        var signal = new AsyncSignal(_time);
        signal.Set();
        signal.Set();
        await signal.WaitAsync(null, CancellationToken.None);
        var before = _time.GetUtcNow();
        await signal.WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(before + TimeSpan.FromSeconds(1), _time.GetUtcNow());
    });
}

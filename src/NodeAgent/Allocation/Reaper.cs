using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Dataplane;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>
/// Deletes detached links in batches, lets their addresses rest, and ends rests that are over. The one loop that makes an
/// address free again.
/// </summary>
internal sealed partial class Reaper(
    AddressBook book, INodeNetwork network, AgentSettings settings, AgentMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
    private int _failures;

    // A failed round is tried again after this time, counted from then; no wall clock, for that can be set back.
    private (long Since, TimeSpan For) _pause;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wait = book.Tick() - time.GetUtcNow();
            if (_failures > 0 && !(wait < Pause))
                wait = Pause;
            await book.Reaping.WaitAsync(wait, cancellationToken);
            await Task.Delay(settings.ReapDelay, time, cancellationToken);
            if (Pause <= TimeSpan.Zero)
                await RoundAsync(cancellationToken);
        }
    }

    /// <summary>One round: detaches what nobody has detached, sweeps what is detached.</summary>
    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        var healthy = true;
        foreach (var link in book.TakeAttached())
            healthy &= await DetachAsync(link, cancellationToken);
        if (book.BeginSweep() is { } batch)
            healthy &= await SweepAsync(batch, cancellationToken);
        _failures = healthy ? 0 : _failures + 1;
        _pause = (time.GetTimestamp(), healthy ? TimeSpan.Zero : Retry.After(_failures));
    }

    private TimeSpan Pause => _pause.For - time.GetElapsedTime(_pause.Since);

    private async Task<bool> DetachAsync(LeavingLink link, CancellationToken cancellationToken)
    {
        var done = false;
        try
        {
            await network.DetachAsync(link.HostInterface, link.Destination, cancellationToken);
            done = true;
        }
        catch (DataplaneException e)
        {
            DetachFailed(logger, link.HostInterface, e.Message);
        }
        finally
        {
            book.Detached(link, done);
        }

        return done;
    }

    private async Task<bool> SweepAsync(SweepBatch batch, CancellationToken cancellationToken)
    {
        var done = false;
        try
        {
            await network.ReapAsync(cancellationToken);
            done = true;
            metrics.Swept(batch.Count);
        }
        catch (DataplaneException e)
        {
            SweepFailed(logger, batch.Count, e.Message);
        }
        finally
        {
            if (!done)
                book.SweepAgain();
        }

        if (done)
            book.Swept(batch);
        return done;
    }
}

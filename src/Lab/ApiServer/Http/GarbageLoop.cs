using System.Threading.Channels;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Runs the store's garbage collection after commits, as a cluster's controllers would: soon, and not within the request.</summary>
internal sealed class GarbageLoop : IAsyncDisposable
{
    private readonly KubeStore _store;
    private readonly ApiServerOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _loop;

    /// <summary>Starts it.</summary>
    public GarbageLoop(KubeStore store, ApiServerOptions options)
    {
        (_store, _options) = (store, options);
        store.Committed += Wake;
        _wake.Writer.TryWrite(true);
        _loop = RunAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _store.Committed -= Wake;
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private void Wake(StoreChange change) => _wake.Writer.TryWrite(true);

    private async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stop))
            {
                while (_wake.Reader.TryRead(out _))
                    Collect();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The server stops.
            return;
        }
    }

    private void Collect()
    {
        try
        {
            while (_store.MayHaveGarbage && _store.CollectGarbage(_options.Time.GetUtcNow()))
            {
                // Each pass may make work for the next: an owner's owner, a namespace that is empty now.
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _options.Log?.Invoke($"garbage collection failed and goes on with the next change: {e}");
        }
    }
}

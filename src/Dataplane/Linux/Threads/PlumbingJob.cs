using Vnetcni.Dataplane.Linux.Netlink;

namespace Vnetcni.Dataplane.Linux.Threads;

/// <summary>A piece of work for a plumbing thread.</summary>
internal abstract class PlumbingJob
{
    /// <summary>Runs it; its outcome goes to its task, never to the thread.</summary>
    public abstract void Execute(NetlinkSocket socket);

    /// <summary>Gives it up before it began.</summary>
    public abstract void Cancel();
}

/// <inheritdoc cref="PlumbingJob"/>
internal sealed class PlumbingJob<T>(Func<NetlinkSocket, T> work, CancellationToken cancellationToken) : PlumbingJob
{
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _outcome.Task;

    public override void Execute(NetlinkSocket socket)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _outcome.TrySetCanceled(cancellationToken);
            return;
        }
        try
        {
            _outcome.TrySetResult(work(socket));
        }
        catch (Exception exception)
        {
            _outcome.TrySetException(exception);
        }
    }

    public override void Cancel() => _outcome.TrySetCanceled(CancellationToken.None);
}

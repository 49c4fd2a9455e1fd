using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.LeaderElection;

namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>
/// Runs caches and controllers in order: caches, their first sync, the lease, the preparations, the controllers; and
/// back: the controllers end, the lease is released, the caches end.
/// </summary>
/// <param name="elector">Who decides whether the controllers run; null = they always do.</param>
public sealed class ControllerManager(LeaderElector? elector = null)
{
    private readonly List<IWatchCache> caches = [];
    private readonly List<IController> controllers = [];
    private readonly List<Func<CancellationToken, Task>> preparations = [];

    /// <summary>Whether every cache has its first list.</summary>
    public bool IsSynced => caches.TrueForAll(c => c.HasSynced);

    /// <summary>Whether the controllers may work now.</summary>
    public bool IsLeader => elector is null || elector.IsLeader;

    /// <summary>Adds a cache.</summary>
    public ControllerManager Add(IWatchCache cache)
    {
        caches.Add(cache);
        return this;
    }

    /// <summary>Adds a controller.</summary>
    public ControllerManager Add(IController controller)
    {
        controllers.Add(controller);
        return this;
    }

    /// <summary>
    /// Adds something that is to be complete before any controller starts, at each gain of leadership; in the order
    /// added. An exception ends the run.
    /// </summary>
    public ControllerManager Prepare(Func<CancellationToken, Task> preparation)
    {
        preparations.Add(preparation);
        return this;
    }

    /// <summary>
    /// Runs one term. To be called once; after <see cref="LeadershipEnd.Lost"/> a process best ends and starts anew. An
    /// unexpected exception of a cache or controller stops everything in order and comes out of here.
    /// </summary>
    public async Task<LeadershipEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var cachesStop = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = caches.ConvertAll(c => FailTogetherAsync(c.RunAsync(cachesStop.Token), stop));
        try
        {
            return await SyncAndWorkAsync(stop.Token, cancellationToken);
        }
        finally
        {
            cachesStop.Cancel();
            await Task.WhenAll(running);
        }
    }

    private async Task<LeadershipEnd> SyncAndWorkAsync(CancellationToken stop, CancellationToken asked)
    {
        try
        {
            foreach (var cache in caches)
                await cache.WaitForSyncAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return LeadershipEnd.Stopped;
        }

        if (elector is not null)
            return await elector.RunAsync(WorkAsync, stop);
        try
        {
            await WorkAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return LeadershipEnd.Stopped;
        }

        return asked.IsCancellationRequested ? LeadershipEnd.Stopped : LeadershipEnd.WorkEnded;
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        foreach (var prepare in preparations)
            await prepare(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(controllers.ConvertAll(c => FailTogetherAsync(c.RunAsync(stop.Token), stop)));
    }

    // One that breaks stops the others, so that the break is noticed.
    private static async Task FailTogetherAsync(Task run, CancellationTokenSource others)
    {
        try
        {
            await run;
        }
        catch
        {
            others.Cancel();
            throw;
        }
    }
}

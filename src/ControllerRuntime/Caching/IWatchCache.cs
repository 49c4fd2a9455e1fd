namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>What a manager needs of a cache of any kind.</summary>
public interface IWatchCache
{
    /// <summary>The kind's plural, for logs and metrics.</summary>
    string Name { get; }

    /// <summary>Whether the first list is complete.</summary>
    bool HasSynced { get; }

    /// <summary>Completes when the first list is complete and its handlers have run.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Follows the API server until cancelled; survives every failure. To be called once.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>A real API server for the tests.</summary>
public interface ICluster : IAsyncDisposable
{
    /// <summary>Where it comes from, for people.</summary>
    string Source { get; }

    /// <summary>Path of a kubeconfig with full rights.</summary>
    string Kubeconfig { get; }

    /// <summary>Stops and starts the API server (its store stays). False where that is not ours to do.</summary>
    Task<bool> TryStopServerAsync();

    /// <summary>Starts the API server again.</summary>
    Task StartServerAsync();

    /// <summary>Makes the store forget its history up to a version. False where that is not ours to do.</summary>
    Task<bool> TryCompactAsync(long version);
}

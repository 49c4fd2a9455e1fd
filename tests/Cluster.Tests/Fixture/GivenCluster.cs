namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>A cluster that somebody else runs: it is used and left as it was.</summary>
internal sealed class GivenCluster(string kubeconfig, string source, Func<ValueTask>? dispose = null) : ICluster
{
    public string Source => source;

    public string Kubeconfig => kubeconfig;

    public Task<bool> TryStopServerAsync() => Task.FromResult(false);

    public Task StartServerAsync() => Task.CompletedTask;

    public Task<bool> TryCompactAsync(long version) => Task.FromResult(false);

    public ValueTask DisposeAsync() => dispose?.Invoke() ?? ValueTask.CompletedTask;
}

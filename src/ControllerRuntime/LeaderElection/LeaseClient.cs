using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>The calls on the lease, each limited in time even when the API ignores its cancellation.</summary>
internal sealed class LeaseClient(IKubeApi api, LeaderElectionOptions options, TimeProvider time)
{
    private readonly ObjectKey key = new(options.Namespace, options.Name);

    public Task<V1Lease?> GetAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        LimitAsync(t => api.GetAsync(KubeKinds.Leases, key, t), limit, cancellationToken);

    /// <summary>Creates the lease, or replaces the version in its metadata.</summary>
    public Task<V1Lease> WriteAsync(V1Lease lease, TimeSpan limit, CancellationToken cancellationToken) =>
        LimitAsync(
            t => lease.Metadata.ResourceVersion is null
                ? api.CreateAsync(KubeKinds.Leases, lease, t)
                : api.ReplaceAsync(KubeKinds.Leases, lease, t),
            limit,
            cancellationToken);

    private async Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var life = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, life.Token);
        try
        {
            // A call left behind may still commit: harmless, since every write names the version that it replaces.
            return await call(linked.Token).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"a call on lease {key} took longer than {limit}", e);
        }
    }
}

using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Controllers;

namespace Vnetcni.Operator;

/// <summary>What names a cluster for good: the uid of its namespace kube-system.</summary>
internal static class ClusterIdentity
{
    private static readonly Backoff Retries = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    private static readonly ObjectKey KubeSystem = new("kube-system");

    /// <summary>Asks until there is an answer: the API server may come up later than the operator.</summary>
    public static async Task<string> FindAsync(
        IKubeApi api, TimeProvider time, Jitter jitter, RuntimeObserver observer, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            var delay = jitter.Lengthen(Retries.After(failures), 0.2);
            try
            {
                if (await api.GetAsync(KubeKinds.Namespaces, KubeSystem, cancellationToken) is { Metadata.Uid: { Length: > 0 } uid })
                    return uid;
                observer.WatchInterrupted(KubeKinds.Namespaces.Plural, new KubeApiException(404, "NotFound", "namespace kube-system does not exist"), delay);
            }
            catch (Exception e) when (TransientErrors.Is(e))
            {
                observer.WatchInterrupted(KubeKinds.Namespaces.Plural, e, delay);
            }

            await Task.Delay(delay, time, cancellationToken);
        }
    }
}

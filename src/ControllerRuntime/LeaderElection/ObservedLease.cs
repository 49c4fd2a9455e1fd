using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>
/// A Lease as seen from here. Whether it has expired is judged by how long *this process* has seen it unchanged: the
/// holder's clock is never compared with ours.
/// </summary>
internal sealed class ObservedLease(TimeProvider time)
{
    private string version = string.Empty;
    private long since;

    /// <summary>The newest lease seen, or null.</summary>
    public V1Lease? Lease { get; private set; }

    public string Holder => Lease?.Spec?.HolderIdentity ?? string.Empty;

    public int Transitions => Lease?.Spec?.LeaseTransitions ?? 0;

    public void See(V1Lease? lease)
    {
        var seen = lease is null ? string.Empty : $"{lease.Metadata.Uid}/{lease.Version()}";
        if (Lease is null || seen != version)
            (version, since) = (seen, time.GetTimestamp());
        Lease = lease;
    }

    /// <summary>Whether nobody holds it (missing, empty), or its holder has let it expire.</summary>
    public bool IsFree(TimeSpan defaultDuration)
    {
        if (Holder.Length == 0)
            return true;
        var stated = Lease?.Spec?.LeaseDurationSeconds is { } seconds and > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
            : defaultDuration;
        return time.GetElapsedTime(since) >= stated;
    }
}

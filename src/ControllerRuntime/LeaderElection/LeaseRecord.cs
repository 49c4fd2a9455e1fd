using k8s.Models;

namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>The Lease objects that an elector writes.</summary>
internal static class LeaseRecord
{
    /// <summary>Held by us from now on: made new, or taken over in the version that was seen.</summary>
    public static V1Lease Taken(V1Lease? seen, LeaderElectionOptions options, DateTime now) => new()
    {
        Metadata = Metadata(seen, options),
        Spec = new V1LeaseSpec
        {
            HolderIdentity = options.Identity,
            LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
            AcquireTime = now,
            RenewTime = now,
            LeaseTransitions = seen is null ? 0 : (seen.Spec?.LeaseTransitions ?? 0) + 1,
        },
    };

    /// <summary>Still held by us.</summary>
    public static V1Lease Renewed(V1Lease held, LeaderElectionOptions options, DateTime now)
    {
        var lease = Copy(held, options);
        lease.Spec.HolderIdentity = options.Identity;
        lease.Spec.LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds;
        lease.Spec.RenewTime = now;
        return lease;
    }

    /// <summary>Given up: no holder, and short for those who look at the duration alone.</summary>
    public static V1Lease Released(V1Lease held, LeaderElectionOptions options, DateTime now)
    {
        var lease = Copy(held, options);
        lease.Spec.HolderIdentity = string.Empty;
        lease.Spec.LeaseDurationSeconds = 1;
        lease.Spec.RenewTime = now;
        return lease;
    }

    private static V1Lease Copy(V1Lease held, LeaderElectionOptions options) => new()
    {
        Metadata = Metadata(held, options),
        Spec = new V1LeaseSpec
        {
            AcquireTime = held.Spec?.AcquireTime,
            LeaseTransitions = held.Spec?.LeaseTransitions ?? 0,
        },
    };

    // Labels, annotations and owners are other people's: kept.
    private static V1ObjectMeta Metadata(V1Lease? seen, LeaderElectionOptions options) => new()
    {
        Name = options.Name,
        NamespaceProperty = options.Namespace,
        ResourceVersion = seen?.Metadata.ResourceVersion,
        Uid = seen?.Metadata.Uid,
        Labels = seen?.Metadata.Labels,
        Annotations = seen?.Metadata.Annotations,
        OwnerReferences = seen?.Metadata.OwnerReferences,
        Finalizers = seen?.Metadata.Finalizers,
    };
}

namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>The lease and its times. LeaseDuration &gt; RenewDeadline &gt; RetryPeriod.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>Namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Lease.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Who this process is; no other process may ever have used it, a predecessor in the same pod included (pod name and
    /// a random part).
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>Others take the lease when they have seen it unchanged for this long. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The work is cancelled when the last renewal that succeeded was begun this long ago.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the giving up of the lease may take at the end.</summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the work may take to end after it was cancelled; after that the lease is left to expire.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Namespace);
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentException.ThrowIfNullOrEmpty(Identity);
        if (RetryPeriod <= TimeSpan.Zero || RenewDeadline <= RetryPeriod || LeaseDuration <= RenewDeadline)
            throw new ArgumentException(
                $"lease {LeaseDuration}, renew deadline {RenewDeadline} and retry period {RetryPeriod} must fall in this order");
        if (LeaseDuration.TotalSeconds != Math.Floor(LeaseDuration.TotalSeconds) || LeaseDuration > TimeSpan.FromHours(1))
            throw new ArgumentException($"the lease duration {LeaseDuration} must be whole seconds up to an hour");
    }
}

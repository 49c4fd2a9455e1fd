namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>DeleteOptions of a delete.</summary>
public sealed record DeleteQuery
{
    /// <summary>Delete only the object with this uid; empty for any.</summary>
    public string Uid { get; init; } = string.Empty;

    /// <summary>Delete only at this version; empty for any.</summary>
    public string ResourceVersion { get; init; } = string.Empty;

    /// <summary>Seconds that a pod is given to end; null takes the pod's own.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Background</c> (also when empty), <c>Foreground</c> or <c>Orphan</c>.</summary>
    public string PropagationPolicy { get; init; } = string.Empty;

    /// <summary>Says what would happen and commits nothing.</summary>
    public bool DryRun { get; init; }
}

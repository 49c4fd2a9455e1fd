namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>Query of a watch. Timeout and bookmarks are the caller's affair: the store has no clock.</summary>
public sealed record WatchQuery
{
    /// <summary>Only this namespace; empty watches all.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>Label selector, or empty.</summary>
    public string LabelSelector { get; init; } = string.Empty;

    /// <summary>Field selector, or empty.</summary>
    public string FieldSelector { get; init; } = string.Empty;

    /// <summary>The version to start after; empty or <c>0</c> begins with an ADDED event for every present object.</summary>
    public string ResourceVersion { get; init; } = string.Empty;

    /// <summary>
    /// <c>sendInitialEvents</c>: true also begins with the present objects, ended by a bookmark annotated
    /// <c>k8s.io/initial-events-end</c>; null and false leave it to <see cref="ResourceVersion"/>.
    /// </summary>
    public bool? SendInitialEvents { get; init; }
}

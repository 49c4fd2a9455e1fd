using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>What a cache keeps and how it follows the API server.</summary>
public sealed record WatchCacheOptions<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Namespace to follow; empty follows all.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>Label selector, or empty.</summary>
    public string LabelSelector { get; init; } = string.Empty;

    /// <summary>Field selector, such as <c>spec.nodeName=node-1</c>, or empty.</summary>
    public string FieldSelector { get; init; } = string.Empty;

    /// <summary>Indexes for lookups.</summary>
    public IReadOnlyList<CacheIndex<T>> Indexes { get; init; } = [];

    /// <summary>
    /// Drops what is not needed from each object before it is kept. <c>metadata.managedFields</c> is always dropped.
    /// </summary>
    public Action<T>? Trim { get; init; }

    /// <summary>Objects in one page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// Whether the first list may come from the API server's own cache (resourceVersion 0, not paged): cheap where many
    /// agents start at once, but possibly older than what was seen before a restart.
    /// </summary>
    public bool FirstListFromServerCache { get; init; }

    /// <summary>The shortest time after which the server ends a watch; up to twice as long is asked for.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Delay after failures in a row.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30));

    /// <summary>A watch that ended normally earlier than this after its start counts as a failure.</summary>
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromSeconds(1);
}

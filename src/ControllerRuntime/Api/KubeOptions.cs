namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Query of a list call.</summary>
public sealed record KubeListOptions
{
    /// <summary>Namespace to list; empty lists all.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>Label selector, or empty.</summary>
    public string LabelSelector { get; init; } = string.Empty;

    /// <summary>Field selector, such as <c>spec.nodeName=node-1</c>, or empty.</summary>
    public string FieldSelector { get; init; } = string.Empty;

    /// <summary>Page size; 0 asks for everything at once.</summary>
    public int Limit { get; init; }

    /// <summary>The token of the page before, or empty.</summary>
    public string Continue { get; init; } = string.Empty;

    /// <summary>Empty = a consistent read; <c>0</c> = any cached state.</summary>
    public string ResourceVersion { get; init; } = string.Empty;
}

/// <summary>Query of a watch call.</summary>
public sealed record KubeWatchOptions
{
    /// <summary>Namespace to watch; empty watches all.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>Label selector, or empty.</summary>
    public string LabelSelector { get; init; } = string.Empty;

    /// <summary>Field selector, or empty.</summary>
    public string FieldSelector { get; init; } = string.Empty;

    /// <summary>The version to start after.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>After this the server ends the watch.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the server may send bookmarks.</summary>
    public bool Bookmarks { get; init; } = true;
}

/// <summary>How a patch body is read by the server.</summary>
public enum KubePatchType
{
    /// <summary>Server-side apply (<c>application/apply-patch+yaml</c>); needs a field manager.</summary>
    Apply,

    /// <summary>RFC 7396 merge patch.</summary>
    Merge,

    /// <summary>Strategic merge patch (built-in kinds only).</summary>
    StrategicMerge,
}

/// <summary>Query of a patch call.</summary>
/// <param name="Type">How the body is read.</param>
/// <param name="FieldManager">Who owns the fields written.</param>
/// <param name="Force">For apply: take fields over from other managers.</param>
/// <param name="Subresource"><c>status</c>, or empty.</param>
public sealed record KubePatchOptions(KubePatchType Type, string FieldManager, bool Force = false, string Subresource = "");

/// <summary>Preconditions of a delete; empty = none.</summary>
/// <param name="Uid">Delete only the object with this uid.</param>
/// <param name="ResourceVersion">Delete only at this version.</param>
public sealed record KubeDeleteOptions(string Uid = "", string ResourceVersion = "");

/// <summary>One page of a list.</summary>
/// <param name="Items">The objects of the page.</param>
/// <param name="ResourceVersion">The version of the whole list; a watch may start here.</param>
/// <param name="Continue">Token of the next page; empty at the end.</param>
public sealed record KubeList<T>(IReadOnlyList<T> Items, string ResourceVersion, string Continue);

/// <summary>What a watch event says.</summary>
public enum KubeWatchEventType
{
    /// <summary>The object is new to this watch.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone, or no longer selected.</summary>
    Deleted,

    /// <summary>Only the resourceVersion of the object is meaningful.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; for a bookmark only its resourceVersion is set.</param>
public sealed record KubeWatchEvent<T>(KubeWatchEventType Type, T Object);

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>How a patch's body is read.</summary>
public enum PatchType
{
    /// <summary>RFC 6902 (<c>application/json-patch+json</c>): an array of operations.</summary>
    Json,

    /// <summary>RFC 7396 (<c>application/merge-patch+json</c>).</summary>
    Merge,

    /// <summary>Strategic merge patch (<c>application/strategic-merge-patch+json</c>): built-in kinds only.</summary>
    StrategicMerge,

    /// <summary>Server-side apply (<c>application/apply-patch+yaml</c>).</summary>
    Apply,
}

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>Query of a list.</summary>
public sealed record ListQuery
{
    /// <summary>Only this namespace; empty lists all.</summary>
    public string Namespace { get; init; } = string.Empty;

    /// <summary>Label selector, or empty.</summary>
    public string LabelSelector { get; init; } = string.Empty;

    /// <summary>Field selector, or empty.</summary>
    public string FieldSelector { get; init; } = string.Empty;

    /// <summary>Page size; 0 asks for everything at once.</summary>
    public long Limit { get; init; }

    /// <summary>Token of the page before, or empty.</summary>
    public string Continue { get; init; } = string.Empty;

    /// <summary>Empty or <c>0</c>: the newest state. Else at least, or with <c>Exact</c> exactly, this version.</summary>
    public string ResourceVersion { get; init; } = string.Empty;

    /// <summary>Empty, <c>NotOlderThan</c> or <c>Exact</c>.</summary>
    public string ResourceVersionMatch { get; init; } = string.Empty;
}

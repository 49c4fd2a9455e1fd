namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>Query of a create, update or patch.</summary>
public sealed record WriteQuery
{
    /// <summary>Who owns the fields written; an apply needs it.</summary>
    public string FieldManager { get; init; } = string.Empty;

    /// <summary>Says what would happen and commits nothing (<c>dryRun=All</c>).</summary>
    public bool DryRun { get; init; }

    /// <summary>What to do about unknown fields: <c>Ignore</c> (also when empty), <c>Warn</c> or <c>Strict</c>.</summary>
    public string FieldValidation { get; init; } = string.Empty;

    /// <summary><c>status</c>, or empty.</summary>
    public string Subresource { get; init; } = string.Empty;

    /// <summary>For an apply: take fields over from other managers. Null = not said.</summary>
    public bool? Force { get; init; }
}

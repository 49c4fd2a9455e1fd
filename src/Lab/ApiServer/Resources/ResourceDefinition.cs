using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Resources;

/// <summary>One served resource in one version.</summary>
public sealed record ResourceDefinition
{
    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Version, such as <c>v1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Name in paths, such as <c>nodes</c>.</summary>
    public required string Plural { get; init; }

    /// <summary>Name of one, such as <c>node</c>.</summary>
    public required string Singular { get; init; }

    /// <summary>Kind of an object.</summary>
    public required string Kind { get; init; }

    /// <summary>Kind of a list.</summary>
    public required string ListKind { get; init; }

    /// <summary>Whether its objects live in namespaces.</summary>
    public required bool Namespaced { get; init; }

    /// <summary>Short names, such as <c>no</c>.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Categories, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether it has the <c>status</c> subresource.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Columns after NAME; empty means AGE alone for a custom resource.</summary>
    public IReadOnlyList<PrinterColumn> PrinterColumns { get; init; } = [];

    /// <summary>The openAPIV3Schema of a custom resource; null for a built-in kind. Not to be modified.</summary>
    public JsonObject? Schema { get; init; }

    /// <summary>Paths for field selectors besides metadata.name and metadata.namespace, such as <c>spec.nodeName</c>.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Whether a CustomResourceDefinition made it.</summary>
    public bool IsCustom { get; init; }

    /// <summary><c>group/version</c>, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>plural.group</c>, or the plural alone in the core group: how messages name the resource.</summary>
    public string GroupResource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Its full name.</summary>
    public override string ToString() => $"{Plural}.{Version}.{Group}";
}

using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>One operation on one path, for the documents.</summary>
/// <param name="Path">The path, with <c>{namespace}</c> and <c>{name}</c>.</param>
/// <param name="Method">HTTP method, lower case.</param>
/// <param name="Action">What Kubernetes calls it: get, list, post, put, patch, delete or deletecollection.</param>
/// <param name="Resource">Of which resource.</param>
/// <param name="Body">Schema of the body, or null.</param>
/// <param name="Result">Schema of the answer.</param>
/// <param name="Query">Names and types of query parameters.</param>
internal sealed record ApiOperation(
    string Path, string Method, string Action, ResourceDefinition Resource, string? Body, string Result, IReadOnlyList<(string Name, string Type)> Query)
{
    private static readonly (string, string)[] Write = [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];
    private static readonly (string, string)[] Select = [("continue", "string"), ("fieldSelector", "string"), ("labelSelector", "string"), ("limit", "integer"), ("resourceVersion", "string"), ("resourceVersionMatch", "string")];
    private static readonly (string, string)[] Watch = [("allowWatchBookmarks", "boolean"), ("sendInitialEvents", "boolean"), ("timeoutSeconds", "integer"), ("watch", "boolean")];
    private static readonly (string, string)[] Delete = [("dryRun", "string"), ("gracePeriodSeconds", "integer"), ("propagationPolicy", "string")];
    private static readonly string[] Placeholders = ["namespace", "name"];

    /// <summary>What the operation's body may be.</summary>
    public IReadOnlyList<string> Consumes => Action != "patch" ? ["application/json"]
        // Strategic merge patches of built-in kinds are served too, but kubectl reads merge keys from the schema when the
        // document names them, and the outlines have none; unnamed, it takes them from its own types.
        : ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

    /// <summary>All operations of a resource.</summary>
    public static IEnumerable<ApiOperation> Of(ResourceDefinition resource)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        var (one, many) = (SchemaNames.Of(resource), SchemaNames.ListOf(resource));
        var all = $"{root}/{resource.Plural}";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Plural}" : all;
        var item = collection + "/{name}";
        if (resource.Namespaced)
            yield return new(all, "get", "list", resource, null, many, [.. Select, .. Watch]);
        yield return new(collection, "get", "list", resource, null, many, [.. Select, .. Watch]);
        yield return new(collection, "post", "post", resource, one, one, Write);
        if (resource is not { Group: "", Plural: "namespaces" })
            yield return new(collection, "delete", "deletecollection", resource, SchemaNames.DeleteOptions, SchemaNames.Status, [.. Select, .. Delete]);
        yield return new(item, "get", "get", resource, null, one, []);
        yield return new(item, "delete", "delete", resource, SchemaNames.DeleteOptions, SchemaNames.Status, Delete);
        foreach (var path in resource.HasStatus ? [item, item + "/status"] : (string[])[item])
        {
            yield return new(path, "put", "put", resource, one, one, Write);
            yield return new(path, "patch", "patch", resource, SchemaNames.Patch, one, [.. Write, ("force", "boolean")]);
        }
    }

    /// <summary>A unique name for generators.</summary>
    public string Id => $"{Action}_{Path.Trim('/').Replace("/", "_", StringComparison.Ordinal).Replace("{", string.Empty, StringComparison.Ordinal).Replace("}", string.Empty, StringComparison.Ordinal)}";

    /// <summary>Names of the parameters within the path.</summary>
    public IEnumerable<string> PathParameters => Placeholders.Where(name => Path.Contains($"{{{name}}}", StringComparison.Ordinal));
}

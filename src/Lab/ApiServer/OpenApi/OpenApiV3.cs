using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Discovery;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>
/// OpenAPI 3: one document per group version, and the list of them. kubectl takes <c>explain</c> from it and sees whether
/// the server validates fields. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
/// </summary>
internal static class OpenApiV3
{
    /// <summary>The list of documents.</summary>
    /// <param name="catalog">What is served.</param>
    /// <param name="hash">Changes when the documents change.</param>
    public static JsonObject Index(ResourceCatalog catalog, string hash)
    {
        var paths = new JsonObject();
        foreach (var path in catalog.All.Select(PathOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={hash}" };
        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The document of one group version; null when nothing of it is served.</summary>
    public static JsonObject? Document(ResourceCatalog catalog, string path)
    {
        var served = catalog.All.Where(r => PathOf(r) == path).ToArray();
        if (served.Length == 0)
            return null;
        var schemas = new JsonObject();
        foreach (var (name, schema) in MetaSchemas.All().Concat(served.SelectMany(KindSchemas.Of)))
            schemas[name] = schema;
        var paths = new JsonObject();
        foreach (var operation in served.SelectMany(ApiOperation.Of))
        {
            if (paths[operation.Path] is not JsonObject methods)
                paths[operation.Path] = methods = [];
            methods[operation.Method] = Operation(operation);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static string PathOf(ResourceDefinition resource) =>
        resource.Group.Length == 0 ? $"api/{resource.Version}" : $"apis/{resource.Group}/{resource.Version}";

    private static JsonObject Operation(ApiOperation operation)
    {
        var parameters = operation.PathParameters.Select(name => Parameter(name, "path", "string"))
            .Concat(operation.Query.Select(q => Parameter(q.Name, "query", q.Type)));
        var json = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["parameters"] = new JsonArray([.. parameters]),
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK", ["content"] = Content(["application/json"], operation.Result) } },
            ["x-kubernetes-action"] = operation.Action,
            ["x-kubernetes-group-version-kind"] = KindSchemas.Identity(operation.Resource, operation.Resource.Kind),
        };
        if (operation.Body is { } body)
            json["requestBody"] = new JsonObject { ["content"] = Content(operation.Consumes, body) };
        return json;
    }

    private static JsonObject Parameter(string name, string place, string type)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true } };
        if (place == "path")
            parameter["required"] = true;
        return parameter;
    }

    private static JsonObject Content(IEnumerable<string> mediaTypes, string schema)
    {
        var content = new JsonObject();
        foreach (var mediaType in mediaTypes)
            content[mediaType] = new JsonObject { ["schema"] = Schema.Ref(schema) };
        return content;
    }
}

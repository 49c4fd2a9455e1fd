using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Discovery;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>OpenAPI 2 of everything in one document: what kubectl before 1.27 asks for.</summary>
internal static class OpenApiV2
{
    // What version 2 does not know, or Kubernetes leaves out of it.
    private static readonly HashSet<string> Dropped = new(StringComparer.Ordinal)
    {
        "nullable", "oneOf", "anyOf", "not", "default", "x-kubernetes-validations", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
    };

    /// <summary>The document.</summary>
    public static JsonObject Document(ResourceCatalog catalog)
    {
        var definitions = new JsonObject();
        foreach (var (name, schema) in MetaSchemas.All().Concat(catalog.All.SelectMany(KindSchemas.Of)))
            definitions[name] = Convert(schema);
        var paths = new JsonObject();
        foreach (var operation in catalog.All.SelectMany(ApiOperation.Of))
        {
            if (paths[operation.Path] is not JsonObject methods)
                paths[operation.Path] = methods = [];
            methods[operation.Method] = Operation(operation);
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion },
            ["paths"] = paths,
            ["definitions"] = definitions,
        };
    }

    /// <summary>A schema of version 3 as version 2 says it.</summary>
    public static JsonObject Convert(JsonObject schema)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            return new JsonObject { ["$ref"] = Reference(reference) };
        if (schema["allOf"] is JsonArray { Count: 1 } all && all[0] is JsonObject only && only["$ref"] is not null)
        {
            var referred = Convert(only);
            referred["description"] = schema["description"]?.DeepClone();
            return referred;
        }

        // Such values have no type in version 2.
        var untyped = IsTrue(schema, "x-kubernetes-int-or-string");
        var result = new JsonObject();
        foreach (var (name, value) in schema)
        {
            if (Dropped.Contains(name) || name == "allOf" || (untyped && name is "type"))
                continue;
            result[name] = (name, value) switch
            {
                ("properties", JsonObject properties) => Properties(properties),
                ("items" or "additionalProperties", JsonObject inner) => Convert(inner),
                _ => value?.DeepClone(),
            };
        }

        return result;
    }

    private static bool IsTrue(JsonObject schema, string name) => schema[name]?.GetValueKind() == System.Text.Json.JsonValueKind.True;

    private static JsonObject Properties(JsonObject properties)
    {
        var result = new JsonObject();
        foreach (var (name, value) in properties)
        {
            if (value is JsonObject schema)
                result[name] = Convert(schema);
        }

        return result;
    }

    private static string Reference(string reference) => "#/definitions/" + reference[(reference.LastIndexOf('/') + 1)..];

    private static JsonObject Operation(ApiOperation operation)
    {
        var parameters = operation.PathParameters.Select(name => new JsonObject { ["name"] = name, ["in"] = "path", ["required"] = true, ["type"] = "string" })
            .Concat(operation.Query.Select(q => new JsonObject { ["name"] = q.Name, ["in"] = "query", ["type"] = q.Type }));
        if (operation.Body is { } body)
        {
            var schema = new JsonObject { ["$ref"] = "#/definitions/" + body };
            parameters = parameters.Append(new JsonObject { ["name"] = "body", ["in"] = "body", ["required"] = operation.Method is not "delete", ["schema"] = schema });
        }

        return new JsonObject
        {
            ["operationId"] = operation.Id,
            ["consumes"] = DiscoveryDocuments.Strings(operation.Consumes),
            ["produces"] = new JsonArray("application/json"),
            ["parameters"] = new JsonArray([.. parameters]),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["schema"] = new JsonObject { ["$ref"] = "#/definitions/" + operation.Result } },
            },
            ["x-kubernetes-action"] = operation.Action,
            ["x-kubernetes-group-version-kind"] = KindSchemas.Identity(operation.Resource, operation.Resource.Kind),
        };
    }
}

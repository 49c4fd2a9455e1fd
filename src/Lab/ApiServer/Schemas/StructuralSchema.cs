using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>
/// Whether an openAPIV3Schema is structural: every value has one type, said outside of allOf, anyOf, oneOf and not.
/// Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
/// </summary>
internal sealed class StructuralSchema(List<FieldError> errors)
{
    private const int MaxDepth = 64;
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];
    private static readonly string[] Junctors = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] OnlyStructural = ["additionalProperties", "default", "description", "nullable", "title", "type"];

    /// <summary>Adds what is wrong, by path.</summary>
    public static void Check(JsonObject schema, string path, List<FieldError> errors)
    {
        if (schema.Text("type") is { Length: > 0 } type && type != "object")
            errors.Add(FieldError.Invalid($"{path}.type", FieldError.Quote(type), "must be object at the root"));
        if (schema["additionalProperties"] is JsonObject)
            errors.Add(FieldError.Forbidden($"{path}.additionalProperties", "must not be used at the root"));
        new StructuralSchema(errors).Value(schema, path, "at the root", 0);
    }

    private void Value(JsonObject s, string path, string where, int depth)
    {
        // Deeper ones are refused as a whole.
        if (depth > MaxDepth)
            return;
        Type(s, path, where);
        Lists(s, path);
        foreach (var (name, child) in s["properties"] as JsonObject ?? [])
        {
            if (child is JsonObject field)
                Value(field, $"{path}.properties[{name}]", "for specified object fields", depth + 1);
        }

        if (s["additionalProperties"] is JsonObject values)
            Value(values, $"{path}.additionalProperties", "for specified object fields", depth + 1);
        if (s["items"] is JsonObject items)
            Value(items, $"{path}.items", "for specified array items", depth + 1);
        foreach (var (junctor, place) in Combined(s, path))
            Validation(junctor, place, s.Flag("x-kubernetes-int-or-string"), depth + 1);
    }

    private void Type(JsonObject s, string path, string where)
    {
        var type = s.Text("type");
        var (intOrString, open) = (s.Flag("x-kubernetes-int-or-string"), s.Flag("x-kubernetes-preserve-unknown-fields"));
        if (type.Length == 0 && !intOrString && !open)
            errors.Add(FieldError.Required($"{path}.type", $"must not be empty {where}"));
        if (type.Length > 0 && intOrString)
            errors.Add(FieldError.Invalid($"{path}.type", FieldError.Quote(type), "must be empty if x-kubernetes-int-or-string is true"));
        else if (type.Length > 0 && !Types.Contains(type, StringComparer.Ordinal))
            errors.Add(FieldError.NotSupported($"{path}.type", FieldError.Quote(type), Types));
        if (intOrString && open)
            errors.Add(FieldError.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", "true", "must be false if x-kubernetes-int-or-string is true"));
        if (s["properties"] is JsonObject { Count: > 0 } && s["additionalProperties"] is JsonObject)
            errors.Add(FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive"));
        if (s.Text("$ref").Length > 0)
            errors.Add(FieldError.Forbidden($"{path}.$ref", "$ref is not supported"));
        if (s.Flag("uniqueItems"))
            errors.Add(FieldError.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
    }

    private void Lists(JsonObject s, string path)
    {
        if (s["items"] is JsonArray)
            errors.Add(FieldError.Forbidden($"{path}.items", "items must be a schema object and not an array"));
        else if (s.Text("type") == "array" && s["items"] is not JsonObject)
            errors.Add(FieldError.Required($"{path}.items", "must be specified"));
        var kind = s.Text("x-kubernetes-list-type");
        if (kind is not ("" or "atomic" or "set" or "map"))
            errors.Add(FieldError.NotSupported($"{path}.x-kubernetes-list-type", FieldError.Quote(kind), ["atomic", "set", "map"]));
        if (kind.Length > 0 && s.Text("type") != "array")
            errors.Add(FieldError.Invalid($"{path}.type", FieldError.Quote(s.Text("type")), "must be array if x-kubernetes-list-type is specified"));
        var keys = (s["x-kubernetes-list-map-keys"] as JsonArray ?? []).Select(k => k?.ToString() ?? string.Empty).ToList();
        if (kind == "map" && keys.Count == 0)
            errors.Add(FieldError.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        if (kind != "map" && keys.Count > 0)
            errors.Add(FieldError.Invalid($"{path}.x-kubernetes-list-type", FieldError.Quote(kind), "must be map if x-kubernetes-list-map-keys is non-empty"));
        if (kind == "map" && s["items"] is JsonObject items)
            Keys(items, keys, path);
    }

    private void Keys(JsonObject items, List<string> keys, string path)
    {
        if (items.Text("type") != "object")
            errors.Add(FieldError.Invalid($"{path}.items.type", FieldError.Quote(items.Text("type")), "must be object if parent array's x-kubernetes-list-type is map"));
        var required = (items["required"] as JsonArray ?? []).Select(r => r?.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (items["properties"]?[key] is not JsonObject field)
            {
                errors.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", FieldError.Quote(key), "entries must all be names of item properties"));
                continue;
            }

            if (field.Text("type") is "array" or "object")
                errors.Add(FieldError.Invalid($"{path}.items.properties[{key}].type", FieldError.Quote(field.Text("type")), "must be a scalar type if parent array's x-kubernetes-list-type is map"));
            if (!required.Contains(key) && field["default"] is null)
                errors.Add(FieldError.Required($"{path}.items.properties[{key}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
        }
    }

    // Within allOf, anyOf, oneOf and not there is only validation. The two ways to say "integer or string" are let through.
    private void Validation(JsonObject s, string path, bool intOrString, int depth)
    {
        if (depth > MaxDepth)
            return;
        foreach (var field in OnlyStructural.Where(f => s[f] is { } said && said.GetValueKind() != JsonValueKind.False))
        {
            if (!(intOrString && field == "type" && s.Text("type") is "integer" or "string"))
                errors.Add(FieldError.Forbidden($"{path}.{field}", "must be undefined to be structural"));
        }

        foreach (var (name, child) in s["properties"] as JsonObject ?? [])
        {
            if (child is JsonObject field)
                Validation(field, $"{path}.properties[{name}]", false, depth + 1);
        }

        if (s["items"] is JsonObject items)
            Validation(items, $"{path}.items", false, depth + 1);
        foreach (var (junctor, place) in Combined(s, path))
            Validation(junctor, place, intOrString, depth + 1);
    }

    private static IEnumerable<(JsonObject Schema, string Path)> Combined(JsonObject s, string path)
    {
        foreach (var name in Junctors)
        {
            var schemas = s[name] as JsonArray ?? [];
            for (var i = 0; i < schemas.Count; i++)
            {
                if (schemas[i] is JsonObject schema)
                    yield return (schema, string.Create(CultureInfo.InvariantCulture, $"{path}.{name}[{i}]"));
            }
        }

        if (s["not"] is JsonObject not)
            yield return (not, $"{path}.not");
    }
}

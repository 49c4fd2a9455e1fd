using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>Makes small schemas.</summary>
internal static class Schema
{
    public static JsonObject Text(string description) => Of("string", description);

    public static JsonObject Long(string description) => Of("integer", description, "int64");

    public static JsonObject Boolean(string description) => Of("boolean", description);

    public static JsonObject Time(string description) => Of("string", description, "date-time");

    /// <summary>An object with any fields.</summary>
    public static JsonObject Free(string description)
    {
        var schema = Of("object", description);
        schema["x-kubernetes-preserve-unknown-fields"] = true;
        return schema;
    }

    public static JsonObject Map(string description)
    {
        var schema = Of("object", description);
        schema["additionalProperties"] = Of("string", string.Empty);
        return schema;
    }

    public static JsonObject Array(JsonObject items, string description)
    {
        var schema = Of("array", description);
        schema["items"] = items;
        return schema;
    }

    /// <summary>A list of objects that patches merge by a key.</summary>
    public static JsonObject Keyed(JsonObject items, string key, string description)
    {
        var schema = Array(items, description);
        schema["x-kubernetes-list-type"] = "map";
        schema["x-kubernetes-list-map-keys"] = new JsonArray(key);
        schema["x-kubernetes-patch-strategy"] = "merge";
        schema["x-kubernetes-patch-merge-key"] = key;
        return schema;
    }

    public static JsonObject Object(string description, params ReadOnlySpan<(string Name, JsonObject Schema)> properties)
    {
        var schema = Of("object", description);
        var members = new JsonObject();
        foreach (var (name, property) in properties)
            members[name] = property;
        schema["properties"] = members;
        return schema;
    }

    /// <summary>A reference with words of its own, as version 3 wants it.</summary>
    public static JsonObject Reference(string name, string description) => new()
    {
        ["description"] = description,
        ["allOf"] = new JsonArray(Ref(name)),
        ["default"] = new JsonObject(),
    };

    /// <summary>A bare reference of version 3.</summary>
    public static JsonObject Ref(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    private static JsonObject Of(string type, string description, string format = "")
    {
        var schema = new JsonObject { ["type"] = type };
        if (description.Length > 0)
            schema["description"] = description;
        if (format.Length > 0)
            schema["format"] = format;
        return schema;
    }
}

using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>A set of paths in the format of managedFields.</summary>
internal static class FieldsV1
{
    private const int MaxDepth = 64;

    public static JsonObject Write(FieldSet set)
    {
        var json = new JsonObject();
        foreach (var (element, child) in set.Children)
        {
            var inner = Write(child);
            if (child.IsMember && inner.Count > 0)
                inner.Insert(0, ".", new JsonObject());
            json[element] = inner;
        }

        return json;
    }

    /// <summary>Null when it is not in the format.</summary>
    public static FieldSet? Read(JsonObject json) => Read(json, root: true, 0);

    private static FieldSet? Read(JsonObject json, bool root, int depth)
    {
        if (depth > MaxDepth)
            return null;
        var set = FieldSet.Make(!root && (json.Count == 0 || json.ContainsKey(".")));
        foreach (var (element, value) in json.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (element == ".")
                continue;
            if (element.Length < 2 || element[1] != ':' || value is not JsonObject inner || Read(inner, root: false, depth + 1) is not { } child)
                return null;
            set.Add(element, child);
        }

        return set;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>JSON patch (RFC 6902) on JSON pointers (RFC 6901).</summary>
internal static class JsonPatch
{
    private const int MaxOperations = 10_000;
    private const int MaxDepth = 128;

    // What copies may add together, and how many values copies and moves may pass over: a few short operations can double a
    // value forty times, or nest it a thousand deep.
    private const long MaxCopiedBytes = 3 * 1024 * 1024;
    private const int MaxTouched = 1_000_000;

    /// <summary>Throws 400 for a patch that is none, 422 for one that does not fit the value.</summary>
    public static JsonNode? Apply(JsonNode target, JsonNode patch)
    {
        if (patch is not JsonArray operations)
            throw Refusal.BadRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        if (operations.Count > MaxOperations)
        {
            throw new ApiStatusException(new ApiStatus
            {
                Code = 413,
                Reason = "RequestEntityTooLarge",
                Message = $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}",
            });
        }

        JsonNode? root = new JsonObject { ["root"] = target.DeepClone() };
        var budget = new Budget();
        foreach (var operation in operations)
            Step(root.AsObject(), budget, operation as JsonObject ?? throw Refusal.BadRequest("json: cannot unmarshal value into Go value of type jsonpatch.Operation"));
        return root["root"]?.DeepClone();
    }

    private static void Step(JsonObject root, Budget budget, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (operation.Text("op"))
        {
            case "add":
                Add(root, path, Value(operation));
                break;
            case "remove":
                Take(root, path);
                break;
            case "replace":
                Take(root, path);
                Add(root, path, Value(operation));
                break;
            case "move":
                var moved = Take(root, Pointer(operation, "from"));
                budget.Touch(moved, path.Length);
                Add(root, path, moved);
                break;
            case "copy":
                var copied = Find(root, Pointer(operation, "from"));
                budget.Touch(copied, path.Length);
                budget.Copy(copied);
                Add(root, path, copied?.DeepClone());
                break;
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path), operation["value"]))
                    throw Refusal.Unprocessable();
                break;
            default:
                throw Refusal.Unprocessable();
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw Refusal.Unprocessable();

    private static string[] Pointer(JsonObject operation, string field)
    {
        var text = operation.Text(field);
        if (!operation.ContainsKey(field) || (text.Length > 0 && text[0] != '/') || text.Count(c => c == '/') > MaxDepth)
            throw Refusal.Unprocessable();
        return ["root", .. text.Split('/').Skip(1).Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonNode? node, IEnumerable<string> path)
    {
        foreach (var segment in path)
        {
            node = node switch
            {
                JsonObject value when value.TryGetPropertyValue(segment, out var child) => child,
                JsonArray array => array[Index(segment, array.Count - 1)],
                _ => throw Refusal.Unprocessable(),
            };
        }

        return node;
    }

    private static void Add(JsonObject root, string[] path, JsonNode? value)
    {
        switch (Find(root, path.SkipLast(1)))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray array when path[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array:
                array.Insert(Index(path[^1], array.Count), value);
                break;
            default:
                throw Refusal.Unprocessable();
        }
    }

    private static JsonNode? Take(JsonObject root, string[] path)
    {
        var parent = Find(root, path.SkipLast(1));
        var taken = Find(parent, path.TakeLast(1));
        if (parent is JsonArray array)
            array.RemoveAt(Index(path[^1], array.Count - 1));
        else
            parent!.AsObject().Remove(path[^1]);
        return taken;
    }

    // What one patch has used of what it may.
    private sealed class Budget
    {
        private long copied;
        private int touched;

        public void Copy(JsonNode? value)
        {
            copied += value?.ToJsonString().Length ?? 0;
            if (copied > MaxCopiedBytes)
                throw Refusal.Unprocessable();
        }

        public void Touch(JsonNode? value, int depth)
        {
            if (depth > 2 * MaxDepth || ++touched > MaxTouched)
                throw Refusal.Unprocessable();
            var children = value switch { JsonObject map => map.Select(p => p.Value), JsonArray list => list, _ => [] };
            foreach (var child in children)
                Touch(child, depth + 1);
        }
    }

    private static int Index(string segment, int last) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= last
        && (segment.Length == 1 || segment[0] != '0')
            ? index
            : throw Refusal.Unprocessable();
}

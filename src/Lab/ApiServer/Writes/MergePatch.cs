using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>The result as a value of its own.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var result = target is JsonObject present ? present.DeepClone().AsObject() : [];
        Into(result, changes);
        return result;
    }

    private static void Into(JsonObject target, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject child)
                    target[name] = child = [];
                Into(child, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }
}

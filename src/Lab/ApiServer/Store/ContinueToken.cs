using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>Where the next page of a list begins.</summary>
/// <param name="Version">The version of the whole list.</param>
/// <param name="After">The last object of the page before.</param>
internal readonly record struct ContinueToken(long Version, ObjectName After)
{
    private const string Format = "meta.k8s.io/v1";

    public override string ToString()
    {
        var json = new JsonObject { ["v"] = Format, ["rv"] = Version, ["start"] = $"{After.Namespace}/{After.Name}" };
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    public static ContinueToken Parse(string text)
    {
        try
        {
            if (JsonNode.Parse(Base64Url.DecodeFromChars(text)) is JsonObject json && json.Text("v") == Format
                && json["rv"].Number() is > 0 and var version && json.Text("start").Split('/') is [var ns, var name])
                return new ContinueToken(version, new ObjectName(ns, name));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Refusal.BadRequest($"invalid continue token: continue key is not valid: {e.Message}");
        }

        throw Refusal.BadRequest("invalid continue token: continue key is not valid: incorrect encoded start key or version");
    }
}

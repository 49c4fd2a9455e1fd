using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>A reference to another resource: <c>{"id": "..."}</c>.</summary>
internal static class SubResource
{
    /// <summary>The id under the property that the reader is on, or null. <paramref name="likely"/> is returned itself when it is equal.</summary>
    internal static string? ReadId(ref Utf8JsonReader reader, string what, string? likely = null)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, what))
            return null;
        string? id = null;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("id"u8))
            {
                JsonObjects.SkipValue(ref reader);
                continue;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            JsonObjects.Expect(ref reader, JsonTokenType.String, what);
            id = likely is not null && reader.ValueTextEquals(likely) ? likely : reader.GetString();
        }

        return id;
    }
}

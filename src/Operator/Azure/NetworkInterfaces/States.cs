using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>Values of <c>provisioningState</c>; the usual ones are not made anew for every configuration.</summary>
internal static class States
{
    /// <summary>Of a configuration that only the interface has: its model does not want it any more.</summary>
    internal const string Deleting = "Deleting";

    internal static string Read(ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return string.Empty;
        JsonObjects.Expect(ref reader, JsonTokenType.String, what);
        return reader.ValueTextEquals("Succeeded"u8) ? "Succeeded"
            : reader.ValueTextEquals("Updating"u8) ? "Updating"
            : reader.GetString()!;
    }
}

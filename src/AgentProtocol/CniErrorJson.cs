using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vnetcni.AgentProtocol;

/// <summary>Writes the error object that a plug-in prints on stdout.</summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#error</remarks>
public static class CniErrorJson
{
    // Quotes stay readable; nothing puts this into HTML.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The error as UTF-8 JSON with a line end. <c>details</c> is left out when empty.</summary>
    /// <param name="cniVersion">Version asked for; an unknown or missing one becomes the newest spoken.</param>
    /// <param name="error">Code, cause and details.</param>
    public static byte[] Write(string? cniVersion, CniException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion"u8, CniVersions.ForError(cniVersion));
            json.WriteNumber("code"u8, error.Code);
            json.WriteString("msg"u8, error.Message);
            if (error.Details.Length > 0)
                json.WriteString("details"u8, error.Details);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}

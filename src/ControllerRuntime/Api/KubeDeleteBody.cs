using System.Buffers;
using System.Text.Json;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>The DeleteOptions of a delete call.</summary>
internal static class KubeDeleteBody
{
    public static ReadOnlyMemory<byte> Write(KubeDeleteOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("apiVersion"u8, "v1"u8);
        json.WriteString("kind"u8, "DeleteOptions"u8);
        json.WriteString("propagationPolicy"u8, "Background"u8);
        if (options.Uid.Length > 0 || options.ResourceVersion.Length > 0)
        {
            json.WriteStartObject("preconditions"u8);
            if (options.Uid.Length > 0)
                json.WriteString("uid"u8, options.Uid);
            if (options.ResourceVersion.Length > 0)
                json.WriteString("resourceVersion"u8, options.ResourceVersion);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}

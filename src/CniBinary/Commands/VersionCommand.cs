using System.Buffers;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.CniBinary.Commands;

/// <summary>VERSION: answered here. Needs no stdin; where it names a version, the answer repeats it.</summary>
internal static class VersionCommand
{
    public static Output Run(NetworkConfigHead? head)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion"u8, head?.CniVersion ?? CniVersions.Latest);
            json.WriteStartArray("supportedVersions"u8);
            foreach (var version in CniVersions.All)
                json.WriteStringValue(version);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return new Output(0, buffer.WrittenMemory);
    }
}

using System.Buffers;
using System.Text.Json;
using Vnetcni.AgentProtocol;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>
/// The network configuration list that makes a runtime call us. Written last and at once: from then on the node counts as ready.
/// </summary>
/// <remarks>
/// cniVersion 1.0.0 with cniVersions: libcni before 1.2 refuses a list whose cniVersion is 1.1.0. Later ones take the highest of cniVersions for every plug-in of the
/// list, and an ADD fails where one does not know it, as the reference plug-ins of 1.1.1: so 1.1.0 is there only where no other plug-in is.
/// Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#configuration-format
/// </remarks>
internal static class Conflist
{
    /// <summary>The content.</summary>
    /// <param name="network">Name of the network.</param>
    /// <param name="socket">The agent's socket.</param>
    /// <param name="chained">Plug-ins after ours, as <see cref="ChainedPlugins.Read"/> gives them.</param>
    public static byte[] Content(string network, string socket, IReadOnlyList<string> chained)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion"u8, "1.0.0"u8);
            json.WriteStartArray("cniVersions"u8);
            foreach (var version in (ReadOnlySpan<string>)["0.4.0", "1.0.0"])
                json.WriteStringValue(version);
            if (chained.Count == 0)
                json.WriteStringValue("1.1.0"u8);
            json.WriteEndArray();
            json.WriteString("name"u8, network);
            json.WriteStartArray("plugins"u8);
            json.WriteStartObject();
            json.WriteString("type"u8, "vnetcni"u8);
            if (socket != AgentPaths.DefaultSocket)
                json.WriteString("socket"u8, socket);
            json.WriteEndObject();
            foreach (var type in chained)
                ChainedPlugins.Write(json, type);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes it, unless it is there as it should be. Throws <see cref="IOException"/>.</summary>
    public static void Install(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return;
        // Not .conflist: a runtime that watches the folder must not read half of it.
        var temporary = $"{path}.new";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }
}

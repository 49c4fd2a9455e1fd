using System.Buffers;
using System.Text.Json;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.AgentProtocol.Spool;

/// <summary>
/// A DEL that came while the agent was away. One file each: JSON
/// <c>{v, boot, network, id, ifname, time}</c>; time is for people.
/// </summary>
/// <param name="BootId">Boot that it belongs to: a reboot voids it.</param>
/// <param name="Network">Name of the network configuration.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="InterfaceName">CNI_IFNAME.</param>
/// <param name="Time">When it was recorded.</param>
public sealed record SpoolEntry(
    string BootId, string Network, string ContainerId, string InterfaceName, DateTimeOffset Time)
{
    /// <summary>Longest file read; an entry has less than 1 KiB.</summary>
    public const int LongestFile = 16 * 1024;

    private const int Version = 1;

    /// <summary>
    /// The file's name: the same for every DEL of one owner, so that repeats don't pile up and an owner's entry is found
    /// without a listing. A hash, because the three names together may be longer than a file's name.
    /// </summary>
    public static string FileName(string network, string containerId, string interfaceName)
    {
        var key = $"{network}/{containerId}/{interfaceName}";
        return $"{Fnv1a(key, 0xcbf29ce484222325):x16}{Fnv1a(key, 0x84222325cbf29ce4):x16}{SpoolFolder.Extension}";
    }

    /// <summary>The file's content.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, Version);
            json.WriteString("boot"u8, BootId);
            json.WriteString("network"u8, Network);
            json.WriteString("id"u8, ContainerId);
            json.WriteString("ifname"u8, InterfaceName);
            json.WriteString("time"u8, Time);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The entry, or null when the bytes are not one: torn, foreign or of a later version.</summary>
    public static SpoolEntry? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Read(utf8);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static SpoolEntry? Read(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            return null;
        var version = 0;
        string boot = "", network = "", id = "", ifname = "";
        var time = default(DateTimeOffset);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "v": version = json.GetInt32(); break;
                case "boot": boot = json.GetString() ?? ""; break;
                case "network": network = json.GetString() ?? ""; break;
                case "id": id = json.GetString() ?? ""; break;
                case "ifname": ifname = json.GetString() ?? ""; break;
                case "time": time = json.GetDateTimeOffset(); break;
                default: json.Skip(); break;
            }
        }

        json.Read();
        var whole = version == Version && boot.Length > 0 && NameRules.IsIdentifier(network)
            && NameRules.IsIdentifier(id) && NameRules.InterfaceFault(ifname) is null;
        return whole ? new SpoolEntry(boot, network, id, ifname, time) : null;
    }

    // http://www.isthe.com/chongo/tech/comp/fnv/; two different offset bases give 128 bits. No adversary picks these names.
    private static ulong Fnv1a(string text, ulong hash)
    {
        foreach (var c in text)
            hash = (hash ^ c) * 0x100000001b3;
        return hash;
    }
}

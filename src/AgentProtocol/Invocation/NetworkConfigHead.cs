using System.Text.Json;
using System.Text.Unicode;

namespace Vnetcni.AgentProtocol.Invocation;

/// <summary>The few fields of a network configuration that the binary itself has to know. All else goes to the agent unread.</summary>
/// <param name="CniVersion">Version asked for; 0.1.0 when absent, as in libcni.</param>
/// <param name="Name">The network's name; empty when absent.</param>
/// <param name="Socket">Path of the agent's socket, or null.</param>
public sealed record NetworkConfigHead(string CniVersion, string Name, string? Socket)
{
    private const string AbsentVersion = "0.1.0";

    /// <summary>Reads the head and checks that the whole text is one JSON object.</summary>
    /// <param name="utf8">stdin, whole.</param>
    /// <exception cref="CniException">Decode: no JSON object, or one of the fields is no string.</exception>
    public static NetworkConfigHead Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Wire.WireLimits.Config)
        {
            throw new CniException(
                CniErrorCode.Decode,
                "the network configuration is too long",
                $"at most {Wire.WireLimits.Config} bytes are read from stdin");
        }

        // The JSON reader looks into strings only when they are asked for, which is too late for the parts that are passed on.
        if (!Utf8.IsValid(utf8))
            throw NotAnObject("it is not UTF-8");
        var head = new NetworkConfigHead(AbsentVersion, "", null);
        try
        {
            var json = new Utf8JsonReader(utf8);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                throw NotAnObject("it does not start with {");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("cniVersion"u8))
                    head = head with { CniVersion = Text(ref json, "cniVersion") };
                else if (json.ValueTextEquals("name"u8))
                    head = head with { Name = Text(ref json, "name") };
                else if (json.ValueTextEquals("socket"u8))
                    head = head with { Socket = Text(ref json, "socket") };
                else
                    json.Skip();
            }

            // Read once more: anything after the object but white space is an error, which the reader throws.
            json.Read();
            return head;
        }
        catch (JsonException e)
        {
            throw NotAnObject(utf8.IsEmpty ? "it is empty" : $"line {e.LineNumber + 1}, byte {e.BytePositionInLine}: not JSON");
        }
        catch (InvalidOperationException)
        {
            throw NotAnObject("a string has half a surrogate pair");
        }
    }

    /// <summary>Checks version and name for the verb.</summary>
    /// <exception cref="CniException">IncompatibleVersion or InvalidConfig.</exception>
    public void Validate(CniCommand command)
    {
        if (!CniVersions.IsSupported(CniVersion))
        {
            throw new CniException(
                CniErrorCode.IncompatibleVersion,
                $"incompatible CNI version \"{Shorten(CniVersion)}\"",
                $"spoken here: {string.Join(", ", CniVersions.All)}; an absent cniVersion means {AbsentVersion}");
        }

        var first = CniVersions.Introducing(command);
        if (!CniVersions.IsAtLeast(CniVersion, first))
        {
            throw new CniException(
                CniErrorCode.IncompatibleVersion,
                $"CNI version {CniVersion} has no {command.Name()}",
                $"{command.Name()} came with {first}: raise cniVersion in the network configuration");
        }

        if (!NameRules.IsIdentifier(Name))
        {
            throw new CniException(
                CniErrorCode.InvalidConfig,
                Name.Length == 0 ? "the network configuration has no name" : "the network's name is invalid",
                $"name \"{Shorten(Name)}\" has to match ^[A-Za-z0-9][A-Za-z0-9_.-]*$ with at most {NameRules.LongestIdentifier} characters");
        }
    }

    private static string Text(ref Utf8JsonReader json, string key)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
            throw new CniException(CniErrorCode.Decode, $"the network configuration's {key} is not a string", "write it in quotes");
        return json.GetString()!;
    }

    private static CniException NotAnObject(string why) => new(
        CniErrorCode.Decode, "stdin is not a network configuration in JSON", why);

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}

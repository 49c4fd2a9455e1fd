using System.Text.Json;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.AgentProtocol.Wire;

internal static class WireRequestReader
{
    public static WireRequest Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ReadObject(body);
        }
        catch (JsonException)
        {
            throw Malformed("it is not JSON");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw Malformed("a field has the wrong type");
        }
    }

    private static WireRequest ReadObject(ReadOnlyMemory<byte> body)
    {
        // One level more than a configuration may have, as it is nested here.
        var json = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 65 });
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw Malformed("it is not an object");
        long? version = null;
        string command = "", id = "", ifname = "", netns = "", path = "", args = "";
        ReadOnlyMemory<byte> config = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("v"u8))
                version = Number(ref json);
            else if (json.ValueTextEquals("cmd"u8))
                command = Text(ref json);
            else if (json.ValueTextEquals("id"u8))
                id = Text(ref json);
            else if (json.ValueTextEquals("ifname"u8))
                ifname = Text(ref json);
            else if (json.ValueTextEquals("netns"u8))
                netns = Text(ref json);
            else if (json.ValueTextEquals("path"u8))
                path = Text(ref json);
            else if (json.ValueTextEquals("args"u8))
                args = Text(ref json);
            else if (json.ValueTextEquals("config"u8))
                config = Raw(ref json, body);
            else
                json.Skip();
        }

        json.Read();
        RequireVersion(version);
        if (CniCommandNames.Parse(command) is not { } verb)
            throw Malformed("cmd is not a CNI verb");
        if (config.IsEmpty)
            throw Malformed("config is missing");
        return new WireRequest(new CniEnvironment(verb, id, ifname, netns, path, args), config);
    }

    private static void RequireVersion(long? version)
    {
        if (version is null)
            throw Malformed("v is missing");
        if (version is >= WireLimits.OldestVersion and <= WireLimits.Version)
            return;
        throw new CniException(
            CniErrorCode.TryAgainLater,
            $"the CNI binary speaks protocol {version}, the agent {WireLimits.OldestVersion} to {WireLimits.Version}",
            "install the binary of the agent's own release; the agent's init container does so when it starts")
        {
            NotUnderstood = true,
        };
    }

    private static long Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetInt64();
    }

    private static string Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.String ? json.GetString()! : throw Malformed("a field is not a string");
    }

    private static ReadOnlyMemory<byte> Raw(ref Utf8JsonReader json, ReadOnlyMemory<byte> body)
    {
        json.Read();
        var start = (int)json.TokenStartIndex;
        json.Skip();
        var raw = body[start..(int)json.BytesConsumed];
        return raw.Length <= WireLimits.Config
            ? raw
            : throw Malformed($"config has {raw.Length} bytes, at most {WireLimits.Config} are taken");
    }

    private static CniException Malformed(string why) => new(
        CniErrorCode.Decode, "the agent can't read the request", why)
    {
        NotUnderstood = true,
    };
}

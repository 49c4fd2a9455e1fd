using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>An answer of the server, with checks that say what was asked and what came.</summary>
/// <param name="Request">Method, path and body of the request.</param>
/// <param name="Code">HTTP status.</param>
/// <param name="ContentType">Media type of the answer, without parameters.</param>
/// <param name="Body">The answer's body.</param>
public sealed record ContractAnswer(string Request, int Code, string ContentType, string Body)
{
    private JsonNode? json;

    /// <summary>The body as JSON.</summary>
    public JsonNode Json
    {
        get
        {
            try
            {
                return json ??= JsonNode.Parse(Body) ?? throw Broken("JSON", "null");
            }
            catch (JsonException e)
            {
                throw Broken("JSON", e.Message);
            }
        }
    }

    /// <summary>metadata.name.</summary>
    public string Name => Text("/metadata/name");

    /// <summary>metadata.resourceVersion.</summary>
    public string Version => Text("/metadata/resourceVersion");

    /// <summary>metadata.uid.</summary>
    public string Uid => Text("/metadata/uid");

    /// <summary>The objects of a list.</summary>
    public IReadOnlyList<JsonNode> Items => [.. (Json["items"] as JsonArray ?? throw Broken("a list", "no items")).Select(item => item!)];

    /// <summary>Names of the objects of a list, in its order.</summary>
    public IReadOnlyList<string> Names => [.. Items.Select(item => (string)item["metadata"]!["name"]!)];

    /// <summary>The status must be one of these.</summary>
    public ContractAnswer Is(params ReadOnlySpan<int> codes)
    {
        if (!codes.Contains(Code))
            throw Broken($"status {string.Join(" or ", codes.ToArray())}", $"{Code}");
        return this;
    }

    /// <summary>A refusal: a Status object with this code and reason whose message has these parts.</summary>
    public ContractAnswer IsRefused(int code, string reason, params ReadOnlySpan<string> parts)
    {
        Is(code);
        Has("/kind", "Status").Has("/apiVersion", "v1").Has("/status", "Failure").Has("/code", code).Has("/reason", reason);
        var message = Text("/message");
        foreach (var part in parts)
        {
            if (!message.Contains(part, StringComparison.Ordinal))
                throw Broken($"a message with \"{part}\"", $"\"{message}\"");
        }

        return this;
    }

    /// <summary>A refusal 422 that names this field among its causes.</summary>
    public ContractAnswer IsInvalid(string field, params ReadOnlySpan<string> parts)
    {
        IsRefused(422, "Invalid", parts);
        var fields = Causes.Select(cause => (string?)cause["field"]).ToList();
        if (!fields.Contains(field, StringComparer.Ordinal))
            throw Broken($"a cause with the field {field}", string.Join(", ", fields));
        return this;
    }

    /// <summary>details.causes of a Status.</summary>
    public IReadOnlyList<JsonNode> Causes => [.. (At("/details/causes") as JsonArray ?? []).Select(cause => cause!)];

    /// <summary>The value at a JSON pointer (RFC 6901), or null.</summary>
    public JsonNode? At(string pointer)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        JsonNode? node = Json;
        foreach (var part in pointer.Split('/').Skip(1).Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            node = node switch
            {
                JsonObject map => map[part],
                JsonArray list when int.TryParse(part, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
                _ => null,
            };
        }

        return node;
    }

    /// <summary>The non-empty text at a pointer.</summary>
    public string Text(string pointer) =>
        At(pointer) is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : throw Broken($"a text at {pointer}", Show(pointer));

    /// <summary>The whole number at a pointer.</summary>
    public long Number(string pointer) =>
        At(pointer) is JsonValue value && value.TryGetValue<long>(out var number) ? number : throw Broken($"a number at {pointer}", Show(pointer));

    /// <summary>The value at a pointer must be this: JSON with ' for ".</summary>
    public ContractAnswer HasJson(string pointer, string expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        if (!JsonNode.DeepEquals(At(pointer), JsonNode.Parse(expected.Replace('\'', '"'))))
            throw Broken($"{expected} at {pointer}", Show(pointer));
        return this;
    }

    /// <summary>The value at a pointer must be this.</summary>
    public ContractAnswer Has(string pointer, JsonNode expected)
    {
        if (!JsonNode.DeepEquals(At(pointer), expected))
            throw Broken($"{expected.ToJsonString()} at {pointer}", Show(pointer));
        return this;
    }

    /// <summary>Nothing may be at these pointers.</summary>
    public ContractAnswer Lacks(params ReadOnlySpan<string> pointers)
    {
        foreach (var pointer in pointers)
        {
            if (At(pointer) is not null)
                throw Broken($"nothing at {pointer}", Show(pointer));
        }

        return this;
    }

    /// <summary>The names of a list must be these, in any order.</summary>
    public ContractAnswer HasNames(params IEnumerable<string> names)
    {
        var (wanted, found) = (string.Join(' ', names.Order(StringComparer.Ordinal)), string.Join(' ', Names.Order(StringComparer.Ordinal)));
        return wanted == found ? this : throw Broken($"the objects [{wanted}]", $"[{found}]");
    }

    /// <summary>A promise about this answer.</summary>
    public ContractAnswer Holds(bool condition, string promise) => condition ? this : throw Broken(promise, "it is not so");

    /// <summary>What is thrown where a promise is broken.</summary>
    public KubeContractException Broken(string expected, string actual) => new(
        $"expected {expected}, got {actual}\nrequest: {Cut(Request)}\nanswer: {Code} {ContentType}\n{Cut(Body)}");

    private string Show(string pointer) => At(pointer)?.ToJsonString() ?? "nothing";

    private static string Cut(string text) => text.Length <= 3000 ? text : text[..3000] + " ...";
}

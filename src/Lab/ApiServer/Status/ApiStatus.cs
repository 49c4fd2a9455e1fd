using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Status;

/// <summary>A metav1.Status: what an API server answers where it has no object to answer with.</summary>
public sealed record ApiStatus
{
    /// <summary>HTTP status.</summary>
    public required int Code { get; init; }

    /// <summary>Reason for machines, such as <c>NotFound</c>; empty on success.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>Message for people.</summary>
    public string Message { get; init; } = string.Empty;

    /// <summary>Name of the object; may be empty.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Group of the resource; may be empty.</summary>
    public string Group { get; init; } = string.Empty;

    /// <summary>What Status calls the kind: mostly the plural, the Kind in some answers; may be empty.</summary>
    public string Kind { get; init; } = string.Empty;

    /// <summary>Uid of the object; may be empty.</summary>
    public string Uid { get; init; } = string.Empty;

    /// <summary>Causes by field.</summary>
    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>Seconds to wait before another attempt; 0 says nothing.</summary>
    public int RetryAfterSeconds { get; init; }

    /// <summary>Whether it tells of a failure.</summary>
    public bool IsFailure => Code >= 400;

    /// <summary>The Status object.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = IsFailure ? "Failure" : "Success",
        };
        Add(json, "message", Message);
        Add(json, "reason", Reason);
        if (Details() is { Count: > 0 } details)
            json["details"] = details;
        if (IsFailure)
            json["code"] = Code;
        return json;
    }

    private JsonObject Details()
    {
        var details = new JsonObject();
        Add(details, "name", Name);
        Add(details, "group", Group);
        Add(details, "kind", Kind);
        Add(details, "uid", Uid);
        if (Causes.Count > 0)
            details["causes"] = new JsonArray([.. Causes.Select(Cause)]);
        if (RetryAfterSeconds > 0)
            details["retryAfterSeconds"] = RetryAfterSeconds;
        return details;
    }

    private static JsonObject Cause(StatusCause cause)
    {
        var json = new JsonObject();
        Add(json, "reason", cause.Reason);
        Add(json, "message", cause.Message);
        Add(json, "field", cause.Field);
        return json;
    }

    private static void Add(JsonObject json, string name, string value)
    {
        if (value.Length > 0)
            json[name] = value;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Faults;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>One request while it is served.</summary>
internal sealed class Call(SimRequest request, Route route, string method, double now, string baseUri, FaultSet faults)
{
    public SimRequest Request { get; } = request;

    public Route Route { get; } = route;

    public string Method { get; } = method;

    public string ApiVersion => Route.Query.GetValueOrDefault("api-version") ?? "";

    /// <summary>Scheme and host for URLs in the answer.</summary>
    public string BaseUri { get; } = baseUri;

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>Kinds of the faults that fired.</summary>
    public List<string> Fired { get; } = [];

    public bool ByForeigner => string.Equals(Request.Header(SimRequest.WriterHeader), "foreign", StringComparison.OrdinalIgnoreCase);

    public Fault? Fault(FaultKind kind)
    {
        var fault = faults.Take(kind, Method, Route, now);
        if (fault is not null)
            Fired.Add(kind.ToString());
        return fault;
    }

    public void RetryAfter(int seconds)
    {
        if (seconds > 0)
            Headers.Add(new("Retry-After", seconds.ToString(CultureInfo.InvariantCulture)));
    }

    public string OperationUri(string location, Guid id, string collection = "operations", string provider = "Microsoft.Network") =>
        $"{BaseUri}/subscriptions/{Route.Subscription}/providers/{provider}/locations/{location}/{collection}/{id}?api-version={Uri.EscapeDataString(ApiVersion)}";
}

/// <summary>Status and body of an answer; a null body is empty.</summary>
internal readonly record struct Reply(int Status, byte[]? Body)
{
    public static Reply Ok(JsonNode body) => new(200, Json.Utf8(body));
}

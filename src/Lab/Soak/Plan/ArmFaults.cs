using System.Text.Json.Nodes;

namespace Vnetcni.Lab.Soak.Plan;

/// <summary>Faults of ARM in the simulator's words (docs/arm-simulator.md).</summary>
internal static class ArmFaults
{
    private const string Nic = "networkInterfaces/{name}";

    /// <summary>Those of all days: present as long as pods come and go.</summary>
    public static IReadOnlyList<JsonObject> Lasting =>
    [
        Error(429, "TooManyRequests", 0.04, retryAfter: 1),
        Error(500, "InternalServerError", 0.02),
        Error(503, "ServiceUnavailable", 0.02, retryAfter: 2),
        Of("DropBeforeCommit", 0.02),
        Of("DropAfterCommit", 0.06, "PUT"),
        WithCode(Of("ErrorAfterCommit", 0.05, "PUT"), 503, "ServiceUnavailable"),
        WithCode(Of("FailOperation", 0.05), 500, "InternalServerError"),
        WithoutEffect(WithCode(Of("FailOperation", 0.04), 500, "RetryableError")),
        Of("CancelOperation", 0.03),
        With(Of("Delay", 0.06), "delaySeconds", 1.5),
        Of("StaleRead", 0.04, "GET", Nic),
        Of("NoRetryAfter", 0.05),
        Of("ChangeIdCase", 0.05, "GET"),
        With(Of("ForeignWrite", 0.03, "PUT", Nic), "count", 4),
    ];

    /// <summary>Storms: one kind of fault for nearly every request, for a few seconds.</summary>
    public static IReadOnlyList<(string Name, JsonObject Fault)> Storms =>
    [
        ("ARM answers 429", Error(429, "TooManyRequests", 0.9, retryAfter: 2)),
        ("ARM answers 500", Error(500, "InternalServerError", 1)),
        ("every reply to a PUT is lost", Of("DropAfterCommit", 1, "PUT")),
        ("every connection is dropped", Of("DropBeforeCommit", 1)),
        ("every operation fails after its commit", WithCode(Of("FailOperation", 1), 500, "InternalServerError")),
        ("every answer takes 4 s", With(Of("Delay", 1), "delaySeconds", 4)),
        ("every read of a NIC is stale", Of("StaleRead", 1, "GET", Nic)),
    ];

    private static JsonObject Error(int status, string code, double probability, int? retryAfter = null)
    {
        var fault = WithCode(Of("Error", probability), status, code);
        return retryAfter is { } seconds ? With(fault, "retryAfter", seconds) : fault;
    }

    private static JsonObject Of(string kind, double probability, string? method = null, string? route = null)
    {
        var fault = new JsonObject { ["kind"] = kind, ["probability"] = probability };
        if (method is not null)
            fault["method"] = method;
        if (route is not null)
            fault["route"] = route;
        return fault;
    }

    private static JsonObject WithCode(JsonObject fault, int status, string code) => With(With(fault, "status", status), "code", code);

    private static JsonObject WithoutEffect(JsonObject fault) => With(fault, "withoutEffect", true);

    private static JsonObject With(JsonObject fault, string name, JsonNode value)
    {
        fault[name] = value;
        return fault;
    }
}

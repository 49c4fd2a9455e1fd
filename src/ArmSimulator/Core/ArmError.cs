using System.Text.Json.Nodes;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>An error answer on its way to the client.</summary>
internal sealed class ArmError(int status, string code, string message) : Exception($"{code}: {message}")
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string Text { get; } = message;

    public string? Target { get; init; }

    /// <summary>Seconds; null leaves Retry-After out.</summary>
    public int? RetryAfter { get; init; }

    public IReadOnlyList<(string Code, string Message)>? Details { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The code that says most: the first detail's, else the error's own.</summary>
    public string DeepestCode => Details is [var first, ..] ? first.Code : Code;

    public JsonObject Error()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Text };
        if (Target is not null)
            error["target"] = Target;
        if (Details is not null)
        {
            var details = new JsonArray();
            foreach (var (code, message) in Details)
                details.Push(new JsonObject { ["code"] = code, ["message"] = message });
            error["details"] = details;
        }

        return error;
    }

    public JsonObject Body() => new() { ["error"] = Error() };
}

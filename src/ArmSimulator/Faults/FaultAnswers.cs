using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Faults;

/// <summary>Turns fault rules into answers.</summary>
internal static class FaultAnswers
{
    public static ArmError ErrorOf(Fault fault)
    {
        var message = fault.Message ?? $"An error occurred (fault injected by the simulator: {fault.Kind}).";
        return new ArmError(fault.Status, fault.Code, message)
        {
            RetryAfter = fault.RetryAfter,
            Details = fault.DetailCode is null ? null : [(fault.DetailCode, message)],
        };
    }

    /// <summary>Upper-cases every id and reference.</summary>
    public static byte[] ChangeIdCase(ReadOnlySpan<byte> body)
    {
        var json = Json.ParseObject(body);
        Walk(json);
        return Json.Utf8(json);
    }

    private static void Walk(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Walk(item);
        }
        else if (node is JsonObject obj)
        {
            foreach (var (name, value) in obj.ToArray())
            {
                if (name == "id" && obj.String("id") is { } id && id.StartsWith('/'))
                    obj["id"] = id.ToUpperInvariant();
                else
                    Walk(value);
            }
        }
    }
}

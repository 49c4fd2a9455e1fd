using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Faults;

/// <summary>Turns fault rules into answers.</summary>
internal static class FaultAnswers
{
    /// <summary>What a rule says; what it leaves open is as Azure answers with that code.</summary>
    public static ArmError ErrorOf(Fault fault)
    {
        var known = FaultCatalogue.Find(fault.Code);
        var message = fault.Message ?? known?.Text ?? $"An error occurred (fault injected by the simulator: {fault.Kind}).";
        return new ArmError(fault.Status ?? known?.Status ?? 500, known?.Code ?? fault.Code, message)
        {
            RetryAfter = fault.RetryAfter,
            Target = known?.Target,
            Headers = known?.Headers ?? [],
            Details = fault.DetailCode is not null ? [(fault.DetailCode, message)] : known?.Details,
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

using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Simulation.Tests.Breakers;

/// <summary>Leaves If-Match out: a PUT overwrites whatever came since its GET.</summary>
internal sealed class ArmWithoutIfMatch(IArm inner) : IArm
{
    public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken) =>
        inner.SendAsync(request with { IfMatch = null }, cancellationToken);
}

/// <summary>Makes a PUT's body of our own ipConfigurations and the primary alone.</summary>
internal sealed class ArmThatForgetsOthers(IArm inner) : IArm
{
    public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        if (request.Method != "PUT")
            return inner.SendAsync(request, cancellationToken);
        var body = Patches.Edit(request.Body, nic =>
        {
            var all = nic["properties"]!["ipConfigurations"]!.AsArray();
            foreach (var other in all.Where(IsOthers).ToArray())
                all.Remove(other);
        });
        return inner.SendAsync(request with { Body = body }, cancellationToken);
    }

    private static bool IsOthers(JsonNode? configuration) =>
        (bool?)configuration!["properties"]!["primary"] != true && !((string)configuration["name"]!).StartsWith("vnetcni-", StringComparison.Ordinal);
}

/// <summary>Says Succeeded of what is still under way.</summary>
internal sealed class ArmThatConfirmsAtOnce(IArm inner) : IArm
{
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var response = await inner.SendAsync(request, cancellationToken);
        if (response.Status != 200)
            return response;
        var text = Encoding.UTF8.GetString(response.Body.Span)
            .Replace("\"Updating\"", "\"Succeeded\"", StringComparison.Ordinal)
            .Replace("\"InProgress\"", "\"Succeeded\"", StringComparison.Ordinal);
        return response with { Body = Encoding.UTF8.GetBytes(text) };
    }
}

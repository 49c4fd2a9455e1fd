using System.Globalization;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>The ARM simulator in memory, as the operator sees ARM.</summary>
internal sealed class SimulatorArm(SimulatedArm simulator) : IArm
{
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (request.IfMatch is not null)
            headers["If-Match"] = request.IfMatch;
        var answer = await simulator.HandleAsync(new SimRequest(request.Method, request.PathAndQuery) { Body = request.Body, Headers = headers }, cancellationToken);
        return new ArmResponse(answer.Status, answer.Body)
        {
            ETag = answer.Header("ETag"),
            AsyncOperation = answer.Header("Azure-AsyncOperation"),
            Location = answer.Header("Location"),
            RetryAfter = Number(answer.Header("Retry-After")) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            CorrelationId = answer.Header("x-ms-correlation-request-id"),
            RemainingReads = Number(answer.Header("x-ms-ratelimit-remaining-subscription-reads")),
            RemainingWrites = Number(answer.Header("x-ms-ratelimit-remaining-subscription-writes")),
        };
    }

    private static int? Number(string? text) => int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;
}

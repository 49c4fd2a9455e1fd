using System.Globalization;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>An answer of the ARM simulator in memory, as the operator's HTTP client would read it.</summary>
internal static class SimulatorAnswer
{
    public static ArmResponse Of(SimResponse answer) => new(answer.Status, answer.Body)
    {
        ETag = answer.Header("ETag"),
        AsyncOperation = answer.Header("Azure-AsyncOperation"),
        Location = answer.Header("Location"),
        RetryAfter = Number(answer, "Retry-After") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        CorrelationId = answer.Header("x-ms-correlation-request-id"),
        RemainingReads = Number(answer, "x-ms-ratelimit-remaining-subscription-reads"),
        RemainingWrites = Number(answer, "x-ms-ratelimit-remaining-subscription-writes"),
    };

    /// <summary>A header that is a whole number, or null.</summary>
    public static int? Number(SimResponse answer, string header) =>
        int.TryParse(answer.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}

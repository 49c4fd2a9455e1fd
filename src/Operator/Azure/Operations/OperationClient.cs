using System.Text.Json;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.Operations;

/// <summary>
/// Looks at long-running operations. It never waits: the caller decides when to look again.
/// Source: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
/// </summary>
/// <param name="arm">ARM.</param>
public sealed class OperationClient(IArm arm)
{
    /// <summary>One poll of an Azure-AsyncOperation or Location URL. Throws <see cref="IOException"/> when there was no answer.</summary>
    public async Task<ArmOperation> PollAsync(string url, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(url);
        using var response = await arm.SendAsync(new ArmRequest("GET", url), cancellationToken);
        return response.Status switch
        {
            202 => new ArmOperation(ArmOperationState.Running, RetryAfter: response.RetryAfter),
            204 => new ArmOperation(ArmOperationState.Succeeded),
            404 or 410 => new ArmOperation(ArmOperationState.Gone, ArmErrors.Of(response)),
            >= 200 and < 300 => Read(response),
            _ => new ArmOperation(ArmOperationState.PollFailed, ArmErrors.Of(response), response.RetryAfter),
        };
    }

    private static ArmOperation Read(ArmResponse response)
    {
        const string what = "an operation";
        string? status = null;
        var entries = new List<ArmErrorEntry>();
        if (!response.Body.IsEmpty)
        {
            try
            {
                var reader = JsonObjects.Open(response.Body.Span, what);
                while (JsonObjects.NextProperty(ref reader))
                {
                    if (reader.ValueTextEquals("status"u8))
                        status = JsonObjects.Text(ref reader, what);
                    else if (reader.ValueTextEquals("error"u8) && JsonObjects.Enter(ref reader, JsonTokenType.StartObject, what))
                        ArmErrorReader.ReadError(ref reader, entries, level: 0);
                    else if (reader.TokenType == JsonTokenType.PropertyName)
                        JsonObjects.SkipValue(ref reader);
                }
            }
            catch (Exception e) when (JsonObjects.IsMalformed(e))
            {
                throw JsonObjects.NotJson(what, e);
            }
        }

        // Without a status this is the result itself, at a Location URL.
        if (status is null || Is(status, "Succeeded"))
            return new ArmOperation(ArmOperationState.Succeeded);
        if (!Is(status, "Failed") && !Is(status, "Canceled"))
            return new ArmOperation(ArmOperationState.Running, RetryAfter: response.RetryAfter);
        if (entries.Count == 0)
            entries.Add(new ArmErrorEntry(status, $"the operation ended {status} without an error"));
        var error = ArmErrors.Classify(response.Status, entries) with { CorrelationId = response.CorrelationId };
        return new ArmOperation(ArmOperationState.Failed, error);
    }

    private static bool Is(string status, string value) => status.Equals(value, StringComparison.OrdinalIgnoreCase);
}

using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Azure;

/// <summary>
/// One HTTP exchange with Azure Resource Manager. Everything above it - typed clients, operations, retries - is the same
/// code against Azure, against the simulator over https and against the simulator in memory.
/// </summary>
public interface IArm
{
    /// <summary>
    /// Sends one request and returns whatever ARM answered, errors included: a status is data here, the caller decides.
    /// Throws <see cref="IOException"/> when there was no answer (a write may have happened), and
    /// <see cref="ArmAnswerException"/> when there was one that cannot be taken (too large, another host).
    /// </summary>
    Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken);
}

/// <summary>A request to ARM.</summary>
/// <param name="Method">GET, PUT or DELETE.</param>
/// <param name="PathAndQuery">From the first slash, api-version included; or an absolute URL that ARM itself answered (operation, nextLink) on the same host.</param>
public sealed record ArmRequest(string Method, string PathAndQuery)
{
    /// <summary>UTF-8 JSON body of a PUT; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>ETag for If-Match, quotes included as ARM gave it, or null.</summary>
    public string? IfMatch { get; init; }

    /// <summary>How urgent it is when calls wait for quota; null goes by what it is.</summary>
    public ArmPriority? Priority { get; init; }
}

/// <summary>
/// An answer of ARM. Headers that are not named here are not used by the product. Disposing it gives its pooled buffer back;
/// the body must not be read afterwards.
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body; empty without one.</param>
public sealed record ArmResponse(int Status, ReadOnlyMemory<byte> Body) : IDisposable
{
    /// <summary>What the body lies in, or null when nothing has to be given back.</summary>
    internal IDisposable? Lease { get; init; }

    /// <summary>ETag header; NIC answers of PUT and LIST carry it in the body only.</summary>
    public string? ETag { get; init; }

    /// <summary>Azure-AsyncOperation: URL of the operation to follow.</summary>
    public string? AsyncOperation { get; init; }

    /// <summary>Location: URL to follow for a DELETE.</summary>
    public string? Location { get; init; }

    /// <summary>Retry-After.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>x-ms-correlation-request-id, for people who ask Azure support.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>x-ms-ratelimit-remaining-subscription-reads.</summary>
    public int? RemainingReads { get; init; }

    /// <summary>x-ms-ratelimit-remaining-subscription-writes.</summary>
    public int? RemainingWrites { get; init; }

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <inheritdoc/>
    public void Dispose() => Lease?.Dispose();
}

namespace Vnetcni.ArmSimulator.Core;

/// <summary>One HTTP request to the simulated Azure Resource Manager.</summary>
/// <param name="Method">HTTP method, in any case.</param>
/// <param name="PathAndQuery">From the first slash, api-version included; an absolute URL that the simulator answered (operation, nextLink) is accepted too.</param>
public sealed record SimRequest(string Method, string PathAndQuery)
{
    /// <summary>Request headers; names are compared without regard to case. Used: If-Match, If-None-Match, Host, Authorization, x-ms-correlation-request-id and <see cref="WriterHeader"/>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = EmptyHeaders;

    /// <summary>UTF-8 JSON body of a PUT; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// A request header of the simulator alone. The value <c>foreign</c> says that the writer is another tool: it may change
    /// what it likes, and no invariant about untouched properties is checked for it.
    /// </summary>
    public const string WriterHeader = "x-sim-writer";

    private static readonly IReadOnlyDictionary<string, string> EmptyHeaders =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    internal string? Header(string name)
    {
        foreach (var (key, value) in Headers)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}

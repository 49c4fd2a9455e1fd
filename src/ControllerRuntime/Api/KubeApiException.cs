namespace Vnetcni.ControllerRuntime.Api;

/// <summary>An answer of the API server that is not 2xx, or an ERROR event of a watch.</summary>
/// <param name="statusCode">HTTP status, such as 409.</param>
/// <param name="reason">Machine-readable reason, such as <c>Conflict</c> or <c>AlreadyExists</c>; may be empty.</param>
/// <param name="message">The server's message.</param>
/// <param name="retryAfter">What the server asks for in <c>Retry-After</c>, or null.</param>
public sealed class KubeApiException(int statusCode, string reason, string message, TimeSpan? retryAfter = null)
    : Exception($"Kubernetes API answered {statusCode} {reason}: {message}")
{
    /// <summary>HTTP status.</summary>
    public int StatusCode { get; } = statusCode;

    /// <summary>Machine-readable reason; may be empty.</summary>
    public string Reason { get; } = reason;

    /// <summary>How long the server asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The object has moved, or a field is owned by somebody else.</summary>
    public bool IsConflict => StatusCode == 409 && Reason != "AlreadyExists";

    /// <summary>The name is taken.</summary>
    public bool IsAlreadyExists => StatusCode == 409 && Reason == "AlreadyExists";

    /// <summary>The object or the kind does not exist.</summary>
    public bool IsNotFound => StatusCode == 404;

    /// <summary>An apply writes a field that the definition of the resource in the cluster lacks: it is of an older release.</summary>
    public bool IsUndeclaredField => TellsUndeclaredField(Message);

    /// <summary>Whether a server's message tells of such a field.</summary>
    internal static bool TellsUndeclaredField(string message) => message.Contains("field not declared in schema", StringComparison.Ordinal);

    /// <summary>The resourceVersion asked for is too old (410, or reason Expired).</summary>
    public bool IsGone => StatusCode == 410 || Reason is "Gone" or "Expired";
}

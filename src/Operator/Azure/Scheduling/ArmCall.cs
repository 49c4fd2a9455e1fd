namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>The resource provider that a call goes to, each with limits of its own.</summary>
public enum ArmProvider
{
    /// <summary>Neither of the two below.</summary>
    Other,

    /// <summary>Microsoft.Network.</summary>
    Network,

    /// <summary>Microsoft.Compute.</summary>
    Compute,
}

/// <summary>What a request is to ARM's quotas.</summary>
/// <param name="Subscription">Subscription, in lower case; empty when the path names none.</param>
/// <param name="Provider">Resource provider.</param>
/// <param name="IsWrite">PUT or DELETE; a read otherwise. A poll is a read.</param>
/// <param name="IsPoll">A look at an operation.</param>
public readonly record struct ArmCall(string Subscription, ArmProvider Provider, bool IsWrite, bool IsPoll)
{
    /// <summary>Name for metrics: write, read or poll.</summary>
    public string Operation => IsWrite ? "write" : IsPoll ? "poll" : "read";

    /// <summary>Classifies a request by its method and its path, which may be an absolute URL that ARM answered.</summary>
    public static ArmCall Of(ArmRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var path = request.PathAndQuery.AsSpan();
        var query = path.IndexOf('?');
        if (query >= 0)
            path = path[..query];
        return new ArmCall(
            Following(path, "/subscriptions/").ToString().ToLowerInvariant(),
            Following(path, "/providers/") switch
            {
                var p when p.Equals("Microsoft.Network", StringComparison.OrdinalIgnoreCase) => ArmProvider.Network,
                var p when p.Equals("Microsoft.Compute", StringComparison.OrdinalIgnoreCase) => ArmProvider.Compute,
                _ => ArmProvider.Other,
            },
            !request.Method.Equals("GET", StringComparison.OrdinalIgnoreCase),
            path.Contains("/locations/", StringComparison.OrdinalIgnoreCase));
    }

    private static ReadOnlySpan<char> Following(ReadOnlySpan<char> path, string marker)
    {
        var at = path.IndexOf(marker, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return [];
        var rest = path[(at + marker.Length)..];
        var end = rest.IndexOf('/');
        return end < 0 ? rest : rest[..end];
    }
}

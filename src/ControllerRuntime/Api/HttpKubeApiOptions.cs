namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Limits and names of <see cref="HttpKubeApi"/>.</summary>
public sealed record HttpKubeApiOptions
{
    /// <summary>
    /// <c>User-Agent</c>. The part before the slash becomes the field manager of a create or a replace.
    /// </summary>
    public string UserAgent { get; init; } = "vnetcni/0.1";

    /// <summary>How long one call may take, its body included. A watch has its own limit.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch that the server has not ended this long after its timeout is taken for dead and ended.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The largest answer read, in bytes.</summary>
    public int MaxBodyBytes { get; init; } = 256 << 20;

    /// <summary>The longest line of a watch, in bytes. An object in etcd is at most 1.5 MiB in protobuf by default.</summary>
    public int MaxWatchLineBytes { get; init; } = 16 << 20;
}

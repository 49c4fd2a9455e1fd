namespace Vnetcni.Api.Settings;

/// <summary>How pods are wired on the node.</summary>
public sealed record DataplaneSettings
{
    /// <summary>See <see cref="DataplaneModes"/>; default Transparent.</summary>
    public string? Mode { get; init; }

    /// <summary>MTU of the pods' interfaces in bytes; 0 (default) takes the network interface's.</summary>
    public int? Mtu { get; init; }

    /// <summary>How long an ADD waits for an address; default 1m.</summary>
    public string? AddTimeout { get; init; }
}

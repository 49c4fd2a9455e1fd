namespace Vnetcni.Api.Settings;

/// <summary>Source address translation of traffic that leaves the virtual network.</summary>
public sealed record SnatSettings
{
    /// <summary>See <see cref="SnatModes"/>; default Auto.</summary>
    public string? Mode { get; init; }

    /// <summary>Destinations that see the pod's own address, on top of the virtual network's and its peerings' prefixes.</summary>
    public IReadOnlyList<string>? ExcludedCidrs { get; init; }
}

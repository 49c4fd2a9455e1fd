namespace Vnetcni.Api.Settings;

/// <summary>Which network interface of the VM carries the pods' addresses.</summary>
public sealed record NetworkInterfaceSettings
{
    /// <summary>See <see cref="NetworkInterfaceSelectors"/>; default Primary.</summary>
    public string? Selector { get; init; }

    /// <summary>Name of the Azure resource; only with the selector Named.</summary>
    public string? Name { get; init; }
}

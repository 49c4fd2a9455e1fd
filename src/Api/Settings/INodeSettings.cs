namespace Vnetcni.Api.Settings;

/// <summary>The settings that a class gives to its nodes and that a pool carries resolved. A null field has its default.</summary>
public interface INodeSettings
{
    /// <summary>Which interface of the VM carries the addresses.</summary>
    NetworkInterfaceSettings? NetworkInterface { get; }

    /// <summary>How many addresses are held.</summary>
    PoolSettings? Pool { get; }

    /// <summary>Source address translation.</summary>
    SnatSettings? Snat { get; }

    /// <summary>See <see cref="Settings.MetadataAccess"/>.</summary>
    string? MetadataAccess { get; }

    /// <summary>How pods are wired.</summary>
    DataplaneSettings? Dataplane { get; }
}

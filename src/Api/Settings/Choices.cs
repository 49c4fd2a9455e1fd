namespace Vnetcni.Api.Settings;

/// <summary>Values of <c>networkInterface.selector</c>. Choices are texts: a value of a newer version must not break a watch.</summary>
public static class NetworkInterfaceSelectors
{
    /// <summary>The VM's primary network interface.</summary>
    public const string Primary = "Primary";

    /// <summary>The interface with the given name.</summary>
    public const string Named = "Named";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Primary, Named];
}

/// <summary>Values of <c>snat.mode</c>.</summary>
public static class SnatModes
{
    /// <summary>Traffic that leaves the virtual network and its peerings gets the node's address.</summary>
    public const string Auto = "Auto";

    /// <summary>Pod addresses are never translated.</summary>
    public const string Disabled = "Disabled";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Auto, Disabled];
}

/// <summary>Values of <c>metadataAccess</c>.</summary>
public static class MetadataAccess
{
    /// <summary>Pods do not reach the VM's metadata service and wireserver (other than DNS).</summary>
    public const string Deny = "Deny";

    /// <summary>Pods reach them; with SNAT they act with the VM's identity.</summary>
    public const string Allow = "Allow";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Deny, Allow];
}

/// <summary>Values of <c>dataplane.mode</c>.</summary>
public static class DataplaneModes
{
    /// <summary>Pods are routed by the host, without a bridge.</summary>
    public const string Transparent = "Transparent";

    /// <summary>Pods are on a bridge of the host.</summary>
    public const string Bridge = "Bridge";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [Transparent, Bridge];
}

namespace Vnetcni.Api.NodeIpPools;

/// <summary>A running ARM operation; the next leader follows it from here.</summary>
public sealed record OperationStatus
{
    /// <summary>The longest URL that the schema takes.</summary>
    public const int MaxUrlLength = 4096;

    /// <summary>URL to poll, as ARM gave it; null when it is longer than <see cref="MaxUrlLength"/>.</summary>
    public string? Url { get; init; }

    /// <summary>What it does, see <see cref="OperationKinds"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>When the write was sent.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>Values of <see cref="OperationStatus.Kind"/>.</summary>
public static class OperationKinds
{
    /// <summary>PUT of a network interface.</summary>
    public const string NetworkInterfacePut = "NetworkInterfacePut";

    /// <summary>PUT of a VM of a uniform scale set.</summary>
    public const string ScaleSetVmPut = "ScaleSetVmPut";
}

/// <summary>Source address translation as it is in effect.</summary>
public sealed record SnatStatus
{
    /// <summary>The class's CIDRs and the prefixes of the virtual network and its peerings.</summary>
    public IReadOnlyList<string>? ExcludedCidrs { get; init; }
}

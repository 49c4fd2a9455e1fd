using System.Text.Json.Serialization;

namespace Vnetcni.Api.NodeIpPools;

/// <summary>One incarnation of a node: a changed vmId or nicResourceGuid is another machine under the same name.</summary>
public sealed record NodeIdentity
{
    /// <summary><c>metadata.uid</c> of the Node.</summary>
    public string? Uid { get; init; }

    /// <summary><c>spec.providerID</c> of the Node.</summary>
    [JsonPropertyName("providerID")]
    public string? ProviderId { get; init; }

    /// <summary><c>properties.vmId</c> of the VM.</summary>
    public string? VmId { get; init; }

    /// <summary><c>properties.resourceGuid</c> of the network interface.</summary>
    public string? NicResourceGuid { get; init; }
}

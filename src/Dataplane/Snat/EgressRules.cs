using System.Net;

namespace Vnetcni.Dataplane.Snat;

/// <summary>
/// What leaves the node from pods, and how. A description: <see cref="IPodEgress"/> makes it so. Addresses are IPv4.
/// </summary>
public sealed record EgressRules
{
    /// <summary>Pod addresses at most: a NIC has 256 ipConfigurations.</summary>
    public const int MaxPods = 1024;

    /// <summary>No rule at all: the table is removed.</summary>
    public static EgressRules None { get; } = new();

    /// <summary>
    /// Packets from <see cref="Pods"/> that leave by the NIC to anywhere outside <see cref="Untranslated"/> get the NIC's
    /// primary address.
    /// </summary>
    public bool Translate { get; init; }

    /// <summary>The addresses that the node's pods may have. Nothing else is translated: not the node's own traffic, not that of others it forwards.</summary>
    public IReadOnlyCollection<IPAddress> Pods { get; init; } = [];

    /// <summary>Destinations that see the pod's own address.</summary>
    public CidrSet Untranslated { get; init; } = CidrSet.Empty;

    /// <summary>
    /// Which NIC has which of <see cref="Pods"/>. The NIC of the node's default route needs no mention; of every other one, what its pods send is
    /// routed by its own table, and translated to its own primary address.
    /// </summary>
    public IReadOnlyList<NicPods> Nics { get; init; } = [];

    /// <summary>
    /// Nothing that the node forwards reaches the host agent on 168.63.129.16, TCP ports 80 and 32526; DNS on port 53 and
    /// answers to health probes pass. See https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16.
    /// </summary>
    public bool CloseWireServer { get; init; }

    /// <summary>
    /// Nothing that the node forwards reaches the instance metadata service, 169.254.169.254 TCP port 80: it would hand out
    /// the VM's identity. See https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service.
    /// </summary>
    public bool CloseMetadata { get; init; }

    /// <summary>No rule is wanted.</summary>
    public bool IsEmpty => !Translate && !CloseWireServer && !CloseMetadata && Nics.Count == 0;
}

using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>What the agent reads of a network configuration.</summary>
/// <param name="Head">Version and name, checked for the verb.</param>
/// <param name="Mtu">Bytes asked for, or 0.</param>
/// <param name="Dns">For the result; the runtime's own (runtimeConfig.dns) wins over the configuration's.</param>
/// <param name="Previous">prevResult, or null.</param>
/// <param name="ValidAttachments">What GC has to keep; null when the key is absent: then GC touches nothing.</param>
internal sealed record NetworkConfig(
    NetworkConfigHead Head,
    int Mtu,
    DnsSettings? Dns,
    PreviousResult? Previous,
    IReadOnlyList<ValidAttachment>? ValidAttachments)
{
    /// <summary>What it says about us as another plug-in's IPAM; null when we are the main plug-in.</summary>
    public IpamSettings? Ipam { get; init; }

    /// <summary>Names of what an ADD's configuration asks for and does not get; see <see cref="UnusedFields"/>.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];
}

/// <summary>One attachment that the runtime knows.</summary>
/// <param name="ContainerId">Its container.</param>
/// <param name="InterfaceName">Its interface.</param>
internal sealed record ValidAttachment(string ContainerId, string InterfaceName);

/// <summary>The resolver settings of a CNI result.</summary>
/// <param name="Nameservers">Addresses.</param>
/// <param name="Domain">May be empty.</param>
/// <param name="Search">Search list.</param>
/// <param name="Options">resolv.conf options.</param>
internal sealed record DnsSettings(
    IReadOnlyList<string> Nameservers, string Domain, IReadOnlyList<string> Search, IReadOnlyList<string> Options);

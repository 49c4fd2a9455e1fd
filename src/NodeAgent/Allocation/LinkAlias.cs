using System.Text;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>The alias of a host link: <c>vnetcni:network/containerID/ifname</c>.</summary>
internal static class LinkAlias
{
    private const string Prefix = "vnetcni:";

    /// <summary>IFALIASZ without the closing zero (linux/if.h).</summary>
    private const int MaxBytes = 255;

    /// <summary>Throws <see cref="CniException"/> when the owner's names do not fit the kernel's limit.</summary>
    public static string Of(Owner owner)
    {
        var alias = $"{Prefix}{owner}";
        var length = Encoding.UTF8.GetByteCount(alias);
        return length <= MaxBytes
            ? alias
            : throw new CniException(
                CniErrorCode.InvalidConfig,
                "the names of network, container and interface are too long",
                $"together {length} bytes as a link alias, the kernel takes {MaxBytes}; shorten the network's name");
    }

    /// <summary>The owner, or null when the text is not an alias of ours.</summary>
    public static Owner? Parse(string alias)
    {
        if (!alias.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var parts = alias[Prefix.Length..].Split('/');
        return parts.Length == 3 && parts.All(part => part.Length > 0) ? new Owner(parts[0], parts[1], parts[2]) : null;
    }

    /// <summary>A host link as the ledger sees it.</summary>
    public static KernelLink AsLink(HostInterface link) =>
        new(Parse(link.Alias), link.Name, link.Address is null ? default : IpAddress.From(link.Address), link.Detached);
}

using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Azure.VirtualNetworks;

/// <summary>
/// Reads virtual networks.
/// Source: https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks
/// </summary>
/// <param name="arm">ARM.</param>
public sealed class VirtualNetworkClient(IArm arm)
{
    /// <summary>Full type of a virtual network.</summary>
    public const string ResourceType = "Microsoft.Network/virtualNetworks";

    private const int MaxPages = 100;

    /// <summary>The network with its subnets and peerings. Throws as <see cref="IArm.SendAsync"/> does, and <see cref="ArmAnswerException"/>.</summary>
    public async Task<ArmResult<VirtualNetworkView>> GetAsync(ResourceId network, CancellationToken cancellationToken)
    {
        using var response = await arm.SendAsync(new ArmRequest("GET", Path(network, string.Empty)), cancellationToken);
        return response.IsSuccess
            ? new ArmResult<VirtualNetworkView>(VirtualNetworkReader.Read(response.Body.Span), null)
            : new ArmResult<VirtualNetworkView>(null, ArmErrors.Of(response));
    }

    /// <summary>How full its subnets are. All pages or an error, never a part.</summary>
    public async Task<ArmResult<IReadOnlyList<SubnetUsage>>> GetUsagesAsync(ResourceId network, CancellationToken cancellationToken)
    {
        var usages = new List<SubnetUsage>();
        var next = Path(network, "/usages");
        for (var page = 0; next is not null; page++)
        {
            if (page == MaxPages)
                throw new ArmAnswerException($"the usages of {network} have more than {MaxPages} pages");
            using var response = await arm.SendAsync(new ArmRequest("GET", next), cancellationToken);
            if (!response.IsSuccess)
                return new ArmResult<IReadOnlyList<SubnetUsage>>(null, ArmErrors.Of(response));
            next = UsageReader.Read(response.Body.Span, usages);
        }

        return new ArmResult<IReadOnlyList<SubnetUsage>>(usages, null);
    }

    private static string Path(ResourceId network, string below)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.IsOfType(ResourceType)
            ? $"{network}{below}?api-version={ArmApiVersions.Network}"
            : throw new ArgumentException($"{network} is not a virtual network", nameof(network));
    }
}

using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Consistent reads of all pools.</summary>
internal static class Inventory
{
    private const int PageSize = 500;

    /// <summary>Lengths of the lists of the pools of a virtual network, by pool.</summary>
    public static async Task<SortedDictionary<string, int>> LengthsAsync(IKubeApi api, string network, CancellationToken cancellationToken)
    {
        var lengths = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var options = new KubeListOptions { Limit = PageSize };
        while (true)
        {
            var page = await api.ListAsync(OperatorKinds.Pools, options, cancellationToken);
            foreach (var pool in page.Items)
            {
                if (LengthOf(pool, network) is > 0 and var length)
                    lengths[pool.Metadata.Name] = length;
            }

            if (page.Continue.Length == 0)
                return lengths;
            options = options with { Continue = page.Continue };
        }
    }

    private static int LengthOf(NodeIpPool pool, string network) => (pool.Status?.NetworkInterfaces ?? [])
        .Where(nic => nic.VirtualNetwork == network)
        .Sum(static nic => nic.Addresses?.Count ?? 0);
}

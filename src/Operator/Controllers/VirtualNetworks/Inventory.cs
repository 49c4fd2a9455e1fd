using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Consistent reads of all pools.</summary>
internal static class Inventory
{
    private const int PageSize = 500;

    /// <summary>
    /// Lengths of the lists of the pools of a virtual network, by pool. By the network's id: another object may have stood for it.
    /// </summary>
    public static async Task<SortedDictionary<string, int>> LengthsAsync(IKubeApi api, string resourceId, CancellationToken cancellationToken)
    {
        var lengths = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var options = new KubeListOptions { Limit = PageSize };
        while (true)
        {
            var page = await api.ListAsync(OperatorKinds.Pools, options, cancellationToken);
            foreach (var pool in page.Items)
            {
                if (LengthOf(pool, resourceId.TrimEnd('/')) is > 0 and var length)
                    lengths[pool.Metadata.Name] = length;
            }

            if (page.Continue.Length == 0)
                return lengths;
            options = options with { Continue = page.Continue };
        }
    }

    private static int LengthOf(NodeIpPool pool, string resourceId) => (pool.Status?.NetworkInterfaces ?? [])
        .Where(nic => ResourceId.TryParse(nic.Subnet?.Id, out var subnet)
            && string.Equals(subnet.Parent?.ToString(), resourceId, StringComparison.OrdinalIgnoreCase))
        .Sum(static nic => nic.Addresses?.Count ?? 0);
}

using System.Globalization;
using k8s.Models;
using Vnetcni.Api.NodeIpPools;

namespace Vnetcni.Operator.Uninstall;

/// <summary>Pods that have an address of one of our pools, or are about to get one, by the API server.</summary>
internal static class AddressUsers
{
    private const int Named = 3;

    /// <summary>They, as namespace/name, in order.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<V1Pod> pods, IEnumerable<NodeIpPool> pools)
    {
        var ours = pools.SelectMany(static pool => pool.Status?.NetworkInterfaces ?? [])
            .SelectMany(static nic => nic.Addresses ?? [])
            .Select(static entry => entry.Address)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var nodes = pools.Select(static pool => pool.Spec?.NodeName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return
        [
            .. pods.Where(pod => pod.Status?.PodIP is { Length: > 0 } address
                    ? ours.Contains(address)
                    // Its sandbox may have an address that the kubelet has not told yet; if it has none, it waits for one.
                    : pod.Spec?.NodeName is { Length: > 0 } node && nodes.Contains(node))
                .Where(static pod => pod.Spec?.HostNetwork != true && pod.Status?.Phase is not ("Succeeded" or "Failed"))
                .Select(static pod => $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Why the uninstall does not go on, and what to do.</summary>
    /// <param name="users">At least one pod.</param>
    /// <param name="stopped">Whether operator and agents have been stopped already.</param>
    public static string Refusal(IReadOnlyList<string> users, bool stopped)
    {
        var names = string.Join(", ", users.Take(Named)) + (users.Count > Named ? ", ..." : string.Empty);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"refused: {users.Count} pods use addresses of this release or wait for one ({names}). Move them to another network or delete them, then helm uninstall again; to let them lose their network, set uninstall.force=true (docs/install/uninstall.md).");
        return stopped ? text + " Operator and agents are stopped already: helm rollback to the newest revision of helm history puts them back." : text;
    }
}

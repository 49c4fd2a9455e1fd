using System.Text.Json.Nodes;
using Vnetcni.Lab.Network;

namespace Vnetcni.Lab.Soak.Ending;

/// <summary>Reads a machine's namespace with iproute2 and nft.</summary>
internal static class KernelReader
{
    /// <summary>As it is now.</summary>
    public static async Task<NodeKernel> ReadAsync(NetworkNamespace space, CancellationToken cancellationToken) => new(
        await IpAsync(space, "-j link show", cancellationToken),
        await IpAsync(space, "-j route show table all", cancellationToken),
        await IpAsync(space, "-j rule show", cancellationToken),
        await IpAsync(space, "-j neigh show nud permanent", cancellationToken),
        JsonNode.Parse(await space.RunAsync("nft", ["-j", "list", "ruleset"], cancellationToken))!.AsObject());

    private static async Task<JsonArray> IpAsync(NetworkNamespace space, string words, CancellationToken cancellationToken)
    {
        var text = await space.IpAsync(words, cancellationToken);
        return string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text)!.AsArray();
    }
}

using System.Net;
using System.Text.Json;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Snat;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>
/// Takes everything of ours off a node whose agent is gone for good: configuration, links, routes, rules, binary and state. Each step
/// may have been done before. Pods that still have a link of ours lose it.
/// </summary>
/// <param name="options">Paths.</param>
/// <param name="tell">Told what was removed.</param>
internal sealed class NodeCleanUp(AgentOptions options, Action<string> tell)
{
    /// <summary>Runs once. Throws <see cref="IOException"/>, <see cref="UnauthorizedAccessException"/>, <see cref="DataplaneException"/>.</summary>
    /// <param name="network">The node's links and routes.</param>
    /// <param name="egress">The node's egress rules.</param>
    /// <param name="cancellationToken">Ends the waits.</param>
    public async Task RunAsync(INodeNetwork network, IPodEgress egress, CancellationToken cancellationToken)
    {
        // First: from now on the runtime asks somebody else, or nobody.
        if (options.Conflist.Length > 0 && IsOurs(options.Conflist))
            Delete(options.Conflist);
        var links = await network.ListAsync(cancellationToken);
        foreach (var link in links)
        {
            await network.DetachAsync(link.Name, link.Address ?? IPAddress.Any, cancellationToken);
            tell($"link {link.Name} of {link.Alias} is removed");
        }

        await network.ReapAsync(cancellationToken);
        await network.PrepareAsync([], cancellationToken);
        // The NIC gets its address back from a bridge of ours; of a node in transparent mode nothing is asked.
        if (await network.UseModeAsync(DataplaneMode.Transparent, cancellationToken) is { } why)
            throw new IOException(why);
        await egress.ApplyAsync(EgressRules.None, cancellationToken);
        if (options.CniBinary.Length > 0)
            Delete(options.CniBinary);
        // The lock is held, and its file goes with the rest: whoever waits for it finds nothing to clean up.
        foreach (var entry in Directory.EnumerateFileSystemEntries(options.RunFolder))
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }

        tell($"{options.RunFolder} is emptied; nothing of ours is left on {options.NodeName}");
    }

    /// <summary>Whether the network configuration names our plug-in: a file of that name may be somebody else's by now.</summary>
    private static bool IsOurs(string path)
    {
        if (!File.Exists(path))
            return false;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.TryGetProperty("plugins", out var plugins)
                && plugins.ValueKind == JsonValueKind.Array
                && plugins.EnumerateArray().Any(static plugin =>
                    plugin.ValueKind == JsonValueKind.Object && plugin.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("vnetcni"));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Delete(string path)
    {
        if (!File.Exists(path))
            return;
        File.Delete(path);
        tell($"{path} is removed");
    }
}

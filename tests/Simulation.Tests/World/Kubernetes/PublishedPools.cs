using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Simulation.Tests.World.Kubernetes;

/// <summary>Every change at the API server in the timeline, and the pools as they are published now.</summary>
internal sealed class PublishedPools
{
    private readonly SimTimeline timeline;
    private readonly HashSet<string> existing = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<AddressStatus>> pools = new(StringComparer.Ordinal);

    public PublishedPools(SimTimeline timeline, InMemoryKubeServer server)
    {
        this.timeline = timeline;
        server.Committed += OnCommitted;
    }

    /// <summary>The addresses listed per pool.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AddressStatus>> All => pools;

    /// <summary>Whether the object is there, listed or not.</summary>
    public bool Exists(string pool) => existing.Contains(pool);

    /// <summary>Changes of pools so far.</summary>
    public int Changes { get; private set; }

    /// <summary>Whether a patch is conditional.</summary>
    public static bool NamesVersion(ReadOnlyMemory<byte> patch)
    {
        using var body = JsonDocument.Parse(patch);
        return body.RootElement.TryGetProperty("metadata", out var metadata)
            && metadata.TryGetProperty("resourceVersion", out var version)
            && version.GetString() is { Length: > 0 };
    }

    private void OnCommitted(KubeChange change)
    {
        if (change.Resource.StartsWith(NodeIpPool.Plural, StringComparison.Ordinal))
            OnPool(change);
        else if (change.Resource.StartsWith("leases", StringComparison.Ordinal) && Holder(change.Before) != Holder(change.After))
            timeline.Add($"lease {change.Key.Name}: '{Holder(change.Before)}' -> '{Holder(change.After)}'");
        else if (change.Resource.StartsWith("virtualnetworks", StringComparison.Ordinal))
            timeline.Add($"vnet: used {change.After?["status"]?["usedByUs"]}, reservations {Reservations(change.After)}");

        timeline.AddMinor($"{change.Resource} {change.Key} v{change.Version} {Digest(change.After)}");
    }

    private void OnPool(KubeChange change)
    {
        Changes++;
        if (change.After is null)
            existing.Remove(change.Key.Name);
        else
            existing.Add(change.Key.Name);
        if (change.After?["status"] is not JsonObject status)
        {
            pools.Remove(change.Key.Name);
            timeline.Change($"pool {change.Key.Name} {(change.After is null ? "is gone" : "has no status")}");
            return;
        }

        var listed = (status["networkInterfaces"] as JsonArray ?? [])
            .SelectMany(nic => nic?["addresses"] as JsonArray ?? [])
            .Select(a => new AddressStatus { Address = (string)a!["address"]!, State = (string)a["state"]!, IpConfiguration = (string?)a["ipConfiguration"] })
            .ToArray();
        pools[change.Key.Name] = listed;
        var releasing = listed.Where(a => a.State != AddressStates.Available).Select(a => a.Address).ToArray();
        var usage = status["usage"];
        timeline.Change(
            $"pool {change.Key.Name} v{change.Version}: lists {listed.Length}, releasing [{string.Join(' ', releasing)}], granted {status["granted"]}, " +
            $"{Ready(status)} | desired {usage?["desired"]}, in use {usage?["inUse"]}, waiting {usage?["waiting"]}, " +
            $"releasable {usage?["releasable"]?.ToJsonString()} r{usage?["revision"]}");
    }

    private static string Ready(JsonObject status) =>
        (status["conditions"] as JsonArray)?.FirstOrDefault(c => (string?)c?["type"] == "Ready") is { } ready ? $"{ready["status"]} {ready["reason"]} ({ready["message"]})" : "no condition";

    private static string Holder(JsonObject? lease) => (string?)lease?["spec"]?["holderIdentity"] ?? "";

    private static string Reservations(JsonObject? vnet) => vnet?["status"]?["reservations"] is JsonArray { Count: > 0 } array
        ? string.Join(", ", array.Select(r => $"{r?["pool"]} {r?["base"]}..{r?["ceiling"]}"))
        : "none";

    private static string Digest(JsonObject? json) =>
        json is null ? "gone" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json.ToJsonString())).AsSpan(0, 6));
}

using System.Text.Json.Nodes;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Soak.Ending;

/// <summary>The API's objects and ARM's addresses at the end, and what in them does not agree.</summary>
/// <param name="Pools">Items of <c>kubectl get nodeippools</c>.</param>
/// <param name="Networks">Items of <c>kubectl get virtualnetworks</c>.</param>
/// <param name="Arm">ARM's addresses.</param>
internal sealed record PoolPicture(JsonArray Pools, JsonArray Networks, IReadOnlyList<ArmAddress> Arm)
{
    /// <summary>How names of our ipConfigurations begin.</summary>
    public const string OwnedPrefix = "vnetcni-";

    private static readonly string[] RestingCounts = ["inUse", "cooling", "waiting"];

    /// <summary>Addresses of ours on any NIC.</summary>
    public IEnumerable<ArmAddress> Owned => Arm.Where(a => !a.Primary && a.Name.StartsWith(OwnedPrefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Addresses of ours on one NIC.</summary>
    public IReadOnlyCollection<string> OwnedBy(string mac) => [.. Owned.Where(a => a.Mac == mac).Select(a => a.Address)];

    /// <summary>Pools without pods, at rest, that agree with ARM and with the budget; a line for each thing that is otherwise.</summary>
    /// <param name="machines">Name and MAC of each machine.</param>
    /// <param name="mostFree">The class's <c>maxFree</c>.</param>
    public IReadOnlyList<string> Complaints(IReadOnlyList<(string Name, string Mac)> machines, int mostFree)
    {
        var wrong = new List<string>();
        foreach (var twice in Arm.GroupBy(a => a.Address).Where(group => group.Count() > 1))
            wrong.Add($"ARM has {twice.Key} on {string.Join(" and on ", twice.Select(a => a.Mac))}");
        foreach (var unconfirmed in Arm.Where(a => a.State != "Succeeded").DistinctBy(a => a.Mac))
            wrong.Add($"the NIC {unconfirmed.Mac} is {unconfirmed.State}");
        if (Pools.Count != machines.Count)
            wrong.Add($"{Pools.Count} NodeIpPools for {machines.Count} Nodes");
        var held = 0;
        foreach (var (name, mac) in machines)
        {
            var pool = Pools.FirstOrDefault(p => p!["metadata"]!["name"]!.GetValue<string>() == name);
            if (pool?["status"] is not { } status)
                wrong.Add($"there is no NodeIpPool {name} with a status");
            else
                held += CheckPool(name, mac, status, mostFree, wrong);
        }

        CheckNetworks(held, wrong);
        return wrong;
    }

    private static int Number(JsonNode? node) => node?.GetValue<int>() ?? 0;

    private int CheckPool(string name, string mac, JsonNode status, int mostFree, List<string> wrong)
    {
        var interfaces = status["networkInterfaces"] as JsonArray ?? [];
        var listed = interfaces.SelectMany(nic => nic!["addresses"] as JsonArray ?? []).ToArray();
        var addresses = listed.Select(a => a!["address"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var leaving in listed.Where(a => a!["state"]!.GetValue<string>() != "Available"))
            wrong.Add($"NodeIpPool {name} lists {leaving!["address"]} as {leaving["state"]}");
        var onNic = OwnedBy(mac);
        var difference = string.Join(", ", onNic.Except(addresses).Select(a => $"{a} is on the NIC only")
            .Concat(addresses.Except(onNic).Select(a => $"{a} is in the status only")));
        if (difference.Length > 0)
            wrong.Add($"NodeIpPool {name} and ARM differ: {difference}");
        if (addresses.Count > mostFree)
            wrong.Add($"NodeIpPool {name} still holds {addresses.Count} addresses, {mostFree} may stay");
        if (Number(status["held"]) != addresses.Count)
            wrong.Add($"NodeIpPool {name} says that it holds {Number(status["held"])} addresses and lists {addresses.Count}");
        var usage = status["usage"];
        foreach (var count in RestingCounts.Where(count => Number(usage?[count]) != 0))
            wrong.Add($"NodeIpPool {name} has usage.{count} {usage![count]}");
        if (usage?["releasable"] is JsonArray { Count: > 0 } offered)
            wrong.Add($"NodeIpPool {name} still offers {offered.ToJsonString()}");
        if (status["operation"] is { } operation)
            wrong.Add($"NodeIpPool {name} has a running operation {operation.ToJsonString()}");
        if ((status["conditions"] as JsonArray ?? []).FirstOrDefault(c => c!["type"]!.GetValue<string>() == "Ready")?["status"]?.GetValue<string>() != "True")
            wrong.Add($"NodeIpPool {name} is not Ready: {(status["conditions"] as JsonArray)?.ToJsonString()}");
        return addresses.Count;
    }

    private void CheckNetworks(int held, List<string> wrong)
    {
        var used = 0;
        foreach (var network in Networks)
        {
            used += Number(network!["status"]?["usedByUs"]);
            if (network["status"]?["reservations"] is JsonArray { Count: > 0 } reservations)
                wrong.Add($"VirtualNetwork {network["metadata"]!["name"]} has reservations {reservations.ToJsonString()}");
        }

        if (used != held)
            wrong.Add($"the VirtualNetworks count {used} addresses, the pools list {held}");
    }
}

using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>Invariant 2: no address is assigned that ARM has not confirmed on this node's interface.</summary>
internal sealed class OnlyConfirmedIsAssigned(SimWorld world, AzureNow azure)
{
    public const int Number = 2;

    // Addresses that ARM once called Succeeded on their interface, as long as they are there.
    private readonly HashSet<(string Address, string Nic)> confirmed = [];
    private readonly HashSet<object> known = [];
    private long version = -1;

    public void Check()
    {
        if (azure.Version != version)
        {
            version = azure.Version;
            var owned = azure.All.Where(SimCloud.IsOurs).ToArray();
            confirmed.IntersectWith(owned.Select(entry => (entry.Address, Key(entry.Nic))));
            confirmed.UnionWith(owned.Where(entry => entry.State == "Succeeded").Select(entry => (entry.Address, Key(entry.Nic))));
        }

        foreach (var node in world.Nodes)
        {
            foreach (var link in node.Kernel.Links)
            {
                if (link.Route is null || !known.Add(link))
                    continue;
                var address = link.Route.ToString();
                if (!confirmed.Contains((address, Key(node.NicId))) && !world.Cloud.WasTakenByHand(node.NicId, address))
                    throw new InvariantException(Number, $"{address} is assigned to {link.Alias} on {node.Name}; ARM has {(azure.Find(address) is { } entry ? $"it as {entry.IpConfiguration} of {entry.Nic}, {entry.State}" : "no such address")}");
            }
        }
    }

    private static string Key(string nic) => nic.ToLowerInvariant();
}

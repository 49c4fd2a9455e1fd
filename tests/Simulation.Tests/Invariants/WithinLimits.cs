using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>Invariant 3: a node's, an interface's and the virtual network's limits, in ARM and in what is published.</summary>
internal sealed class WithinLimits(SimWorld world, AzureNow azure)
{
    public const int Number = 3;
    private const int PerInterface = 256;

    public void Check()
    {
        var (perNode, perNetwork) = (world.Options.Pool.MaxAddresses ?? 250, world.Options.VNetLimit);
        var owned = 0;
        foreach (var nic in azure.All.GroupBy(entry => entry.Nic, StringComparer.OrdinalIgnoreCase))
        {
            AtMost(nic.Count(), PerInterface, $"ipConfigurations on {nic.Key}");
            var ours = nic.Count(SimCloud.IsOurs);
            AtMost(ours, perNode, $"pod addresses on {nic.Key}");
            owned += ours;
        }

        AtMost(owned, perNetwork, "pod addresses of the virtual network in ARM");
        foreach (var (pool, addresses) in world.Pools.All)
            AtMost(addresses.Count, perNode, $"addresses listed by {pool}");
        AtMost(world.Pools.All.Values.Sum(addresses => addresses.Count), perNetwork, "addresses listed by all pools");
    }

    private static void AtMost(int count, int limit, string what)
    {
        if (count > limit)
            throw new InvariantException(Number, $"{count} {what}, the limit is {limit}");
    }
}

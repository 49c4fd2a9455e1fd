using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Nodes;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>What holds at every moment, whatever goes wrong. Throws the first that does not.</summary>
internal sealed class WorldInvariants
{
    private const int Thorough = 64;
    private readonly SimWorld world;
    private readonly string foreign;
    private int checks;

    public WorldInvariants(SimWorld world)
    {
        this.world = world;
        foreign = Foreign();
    }

    public void Check()
    {
        var azure = world.Cloud.Addresses.Addresses;
        NoAddressTwice();
        foreach (var node in world.Nodes)
            AttachedAddressesAreOnTheNic(node, azure);
        WithinLimits(azure);
        if (++checks % Thorough == 0)
            CheckAzure();
    }

    /// <summary>The slow part: Azure's own rules, and what belongs to others.</summary>
    public void CheckAzure()
    {
        if (world.Cloud.Arm.Violations is [var first, ..])
            Fail($"ARM's invariant {first.Invariant} on {first.Resource}: {first.Message}");
        if (Foreign() is var now && !now.StartsWith(foreign, StringComparison.Ordinal))
            Fail($"configurations of others changed from {foreign} to {now}");
    }

    private void NoAddressTwice()
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in world.Nodes)
        {
            // A cut-off link still has its address inside the pod: no other pod of the node may have it before the sweep.
            foreach (var link in node.Kernel.Links.Where(link => link.PodAddress is not null))
            {
                var address = link.PodAddress!.ToString();
                if (!seen.TryAdd(address, $"{node.Name} {link}"))
                    Fail($"{address} is in two sandboxes: {seen[address]} and {node.Name} {link}");
            }
        }
    }

    private static void AttachedAddressesAreOnTheNic(SimNode node, IReadOnlyList<AddressEntry> azure)
    {
        foreach (var link in node.Kernel.Links.Where(link => link.IsLive))
        {
            var address = link.Route!.ToString();
            var entry = azure.FirstOrDefault(entry => entry.Address == address);
            if (entry is null)
                Fail($"{address} is in use by {link.Alias} on {node.Name} and on no NIC");
            else if (!entry.Nic.Equals(node.NicId, StringComparison.OrdinalIgnoreCase) || entry.Primary || !SimCloud.IsOurs(entry))
                Fail($"{address} is in use by {link.Alias} on {node.Name}, ARM has it as {entry.IpConfiguration} of {entry.Nic}");
        }
    }

    private void WithinLimits(IReadOnlyList<AddressEntry> azure)
    {
        var (perNode, perNetwork) = (world.Options.Pool.MaxAddresses ?? 250, world.Options.VNetLimit);
        foreach (var nic in azure.Where(SimCloud.IsOurs).GroupBy(entry => entry.Nic, StringComparer.OrdinalIgnoreCase))
            AtMost(nic.Count(), perNode, $"pod addresses on {nic.Key}");
        AtMost(azure.Count(SimCloud.IsOurs), perNetwork, "pod addresses of the virtual network in ARM");
        foreach (var (pool, addresses) in world.Pools.All)
            AtMost(addresses.Count, perNode, $"addresses listed by {pool}");
        AtMost(world.Pools.All.Values.Sum(addresses => addresses.Count), perNetwork, "addresses listed by all pools");
    }

    // The primaries and what was there of others at the start. Others may add to that later.
    private string Foreign() => string.Join(
        ' ',
        world.Cloud.Addresses.Addresses.Where(entry => entry.Primary || entry.IpConfiguration == "other-tool")
            .Select(entry => $"{entry.Nic}/{entry.IpConfiguration}={entry.Address}"));

    private static void AtMost(int count, int limit, string what)
    {
        if (count > limit)
            Fail($"{count} {what}, the limit is {limit}");
    }

    private static void Fail(string what) => throw new InvalidOperationException($"invariant broken: {what}");
}

using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>Invariant 4: an address in use is never removed from its interface - other than by a person's hand.</summary>
internal sealed class InUseStaysOnTheInterface(SimWorld world, AzureNow azure)
{
    public const int Number = 4;

    public void Check()
    {
        foreach (var node in world.Nodes)
        {
            foreach (var link in node.Kernel.Links.Where(link => link.IsLive))
            {
                var entry = azure.Find(link.Address);
                if (entry is not null && !entry.Primary && SimCloud.IsOurs(entry) && entry.Nic.Equals(node.NicId, StringComparison.OrdinalIgnoreCase))
                    continue;
                if (!world.Cloud.WasTakenByHand(node.NicId, link.Address))
                    throw new InvariantException(Number, $"{link.Address} is in use by {link.Alias} on {node.Name}, ARM has {(entry is null ? "it on no interface" : $"it as {entry.IpConfiguration} of {entry.Nic}")}");
            }
        }
    }
}

using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Nodes;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>
/// Invariant 1: no address is held by two live sandboxes; a DEL frees only its own owner's; and one that was freed rests before the
/// next pod of the node has it, so that nobody talks to the wrong one.
/// </summary>
internal sealed class OneSandboxPerAddress(SimWorld world)
{
    public const int Number = 1;

    private readonly Dictionary<string, (SimNode Node, SimLink Link)> seen = new(StringComparer.Ordinal);

    public void Check()
    {
        seen.Clear();
        foreach (var node in world.Nodes)
        {
            // A cut-off link still has its address inside the pod: no other pod may have it before the sweep.
            foreach (var link in node.Kernel.Links.Where(link => link.PodAddress is not null && !world.Cloud.WasTakenByHand(node.NicId, link.Address)))
            {
                if (!seen.TryAdd(link.Address, (node, link)))
                    throw new InvariantException(Number, $"{link.Address} is in two sandboxes: {seen[link.Address].Node.Name} {seen[link.Address].Link} and {node.Name} {link}");
            }

            foreach (var (pod, address) in node.Kernel.Running)
            {
                if (!world.Cloud.WasTakenByHand(node.NicId, address)
                    && (!seen.TryGetValue(address, out var found) || found.Node != node || found.Link.Pod != pod || !found.Link.IsLive))
                    throw new InvariantException(Number, $"{pod.Path} runs with {address}, and nobody freed it, but {(found.Link is null ? "no link has it" : $"it is on {found.Node.Name} {found.Link}")}");
            }

            if (node.Kernel.TakeHurried() is { } hurried)
                throw new InvariantException(Number, hurried);
        }
    }
}

using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>
/// Invariant 9: no node answers "unreachable" for the address of another node's pod, whether its agent runs or not: its own pods could
/// not reach that one.
/// </summary>
internal sealed class NobodyIsKeptFromAPod(SimWorld world)
{
    public const int Number = 9;

    private int changes = -1;

    public void Check()
    {
        // Most steps change no kernel.
        var now = world.Nodes.Sum(node => node.Kernel.Changes);
        if (now == changes)
            return;
        changes = now;
        foreach (var node in world.Nodes)
        {
            // Of an address that a hand took the pod keeps what is somebody else's.
            foreach (var link in node.Kernel.Links.Where(link => link.IsLive && !world.Cloud.WasTakenByHand(node.NicId, link.Address)))
            {
                foreach (var other in world.Nodes)
                {
                    if (other != node && other.Kernel.Unreachable.Contains(link.Address) && !world.Cloud.WasTakenByHand(other.NicId, link.Address))
                        throw new InvariantException(Number, $"{link.Address} is with {link.Alias} on {node.Name}, and {other.Name} keeps its pods from it");
                }
            }
        }
    }
}

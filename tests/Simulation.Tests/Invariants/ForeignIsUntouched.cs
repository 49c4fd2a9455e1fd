using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>
/// Invariant 5: the operator changes and removes nothing that it does not own: other ipConfigurations, the primary, properties that it
/// does not know. The ARM simulator compares each committed body with the one before; see its WriterRules.
/// </summary>
internal sealed class ForeignIsUntouched(SimWorld world)
{
    public const int Number = 5;

    public void Check()
    {
        if (world.Cloud.Arm.Violations is [var first, ..])
            throw new InvariantException(Number, $"ARM's rule {first.Invariant} on {first.Resource}: {first.Message}");
    }
}

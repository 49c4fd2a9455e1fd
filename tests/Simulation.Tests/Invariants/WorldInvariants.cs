using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>
/// What holds at every moment, whatever goes wrong; throws the first that does not. Invariant 6 (nothing leaks) is
/// <see cref="Convergence"/>'s; 7 and 8 are judged where calls arrive: <see cref="InventoryBeforeMutation"/>,
/// <see cref="GitOwnedIsUntouched"/>.
/// </summary>
internal sealed class WorldInvariants
{
    private readonly OneSandboxPerAddress first;
    private readonly OnlyConfirmedIsAssigned second;
    private readonly WithinLimits third;
    private readonly InUseStaysOnTheInterface fourth;
    private readonly ForeignIsUntouched fifth;
    private readonly NobodyIsKeptFromAPod ninth;
    private readonly AzureNow azure;
    private long commits = -1;

    public WorldInvariants(SimWorld world)
    {
        azure = new AzureNow(world.Cloud);
        first = new OneSandboxPerAddress(world);
        second = new OnlyConfirmedIsAssigned(world, azure);
        third = new WithinLimits(world, azure);
        fourth = new InUseStaysOnTheInterface(world, azure);
        fifth = new ForeignIsUntouched(world);
        ninth = new NobodyIsKeptFromAPod(world);
    }

    public void Check()
    {
        first.Check();
        second.Check();
        third.Check();
        fourth.Check();
        ninth.Check();
        // Whatever breaks the fifth changes an interface.
        if (azure.Version == commits)
            return;
        commits = azure.Version;
        fifth.Check();
    }
}

using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Tests.Planning.World;

/// <summary>An operator that reads in the product's order, plans with the product's planner and does the step that comes out.</summary>
internal sealed class PlannerOperator(PlannerWorld world)
{
    private int at;
    private int budgetVersion;
    private Reservation? reservation;
    private PoolSnapshot? pool;
    private int poolVersion;
    private NicSnapshot? nic;
    private Put? toSend;

    /// <summary>A PUT that was sent and that ARM has not decided about.</summary>
    public Put? InFlight { get; set; }

    /// <summary>Forgets everything but what is on its way.</summary>
    public void Abort() => (at, toSend) = (0, null);

    public void Step(bool staleNic)
    {
        switch (at)
        {
            case 0:
                ReadBudget();
                at = 1;
                break;
            case 1:
                (pool, poolVersion) = (world.Pool, world.PoolVersion);
                at = reservation is null ? 3 : 2;
                break;
            case 2:
                var before = reservation;
                ReadBudget();
                // Settled meanwhile: the pool was read too early for a virtual network without a reservation, or with the next one.
                at = reservation is null || reservation.NicEtag != before!.NicEtag ? 0 : 3;
                break;
            case 3:
                nic = world.Read(staleNic && world.Busy);
                at = 4;
                break;
            case 4:
                Do(PoolPlanner.Next(pool!, nic!, reservation, PlannerWorld.Plan));
                break;
            default:
                if (InFlight is null)
                    (InFlight, toSend, at) = (toSend, null, 0);
                break;
        }
    }

    private void ReadBudget() => (budgetVersion, reservation) = (world.BudgetVersion, world.Budget.Of("n"));

    private void Do(PoolStep step)
    {
        at = 0;
        switch (step)
        {
            case MarkReleasing mark:
                var marked = mark.Addresses.ToHashSet();
                WritePool(p => p with { Addresses = [.. p.Addresses.Select(a => marked.Contains(a.Address) ? a with { Releasing = true } : a)] });
                break;
            case Publish publish:
                WritePool(p => p with { Addresses = publish.Addresses, SettledReservation = publish.Reservation, Incarnation = publish.Incarnation });
                break;
            case Reserve reserve:
                Ask(reserve.Request);
                break;
            case Settle settle:
                Ask(settle.Request);
                break;
            case Put put:
                (toSend, at) = (put, 5);
                break;
        }
    }

    // The operator's part of the status only: usage is the agent's.
    private void WritePool(Func<PoolSnapshot, PoolSnapshot> change)
    {
        if (!world.WritePool(poolVersion, change(world.Pool)))
            return;
        (pool, poolVersion, at) = (world.Pool, world.PoolVersion, 4);
    }

    private void Ask(BudgetRequest request)
    {
        if (budgetVersion != world.BudgetVersion)
            return;
        var (next, outcomes) = BudgetRound.Decide(world.Budget, [request], []);
        if (outcomes[0] is Refused or Outdated || !world.WriteBudget(budgetVersion, next))
            return;
        budgetVersion = world.BudgetVersion;
        reservation = next.Of("n");
        at = 4;
    }
}

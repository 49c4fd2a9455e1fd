using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Tests.Planning.World;

/// <summary>
/// One node with its interface, the pool object, the budget object, two operators that both act all the time, and an agent.
/// Every choice comes from outside, so that a random walk or an exploration can drive it. Faults: aborted steps, PUTs
/// lost, late or refused, operations that fail and roll back, stale reads of the interface while an operation runs, foreign
/// writers, another pool that moves the budget object, an agent that crashes, loses its ledger or writes late.
/// </summary>
internal sealed class PlannerWorld
{
    public const int Limit = 4;
    public const int Universe = 9;
    private static readonly SlotNames Names = new("1a2b3c4d-0000-0000-0000-000000000000");
    private static readonly PlanSettings Settings = new(Names, Limit, 0);
    private int etag = 1;
    private int nextAddress;

    public PlannerWorld()
    {
        Nic = Base = [];
        Pool = new PoolSnapshot { Name = "n", Uid = "u", Incarnation = "guid" };
        Budget = new BudgetState(Limit, 0, 0, 0, []);
        Operators = [new PlannerOperator(this), new PlannerOperator(this)];
        Agent = new PlannerAgent(this);
    }

    public string Broken { get; set; } = string.Empty;

    public ImmutableArray<NicAddress> Nic { get; private set; }

    /// <summary>The interface before the operation that runs.</summary>
    public ImmutableArray<NicAddress> Base { get; private set; }

    public bool Busy { get; private set; }

    public string Etag => $"e{etag}";

    public string EtagBefore { get; private set; } = "e0";

    public PoolSnapshot Pool { get; private set; }

    public int PoolVersion { get; private set; }

    public BudgetState Budget { get; private set; }

    public int BudgetVersion { get; private set; }

    public PlannerOperator[] Operators { get; }

    public PlannerAgent Agent { get; }

    public static PlanSettings Plan => Settings;

    public NicSnapshot Read(bool stale) => new(
        stale ? EtagBefore : Etag, "guid", Updating: Busy && !stale, stale ? Base : Nic, ["primary"]);

    public bool WritePool(int version, PoolSnapshot next)
    {
        if (version != PoolVersion)
            return false;
        Pool = next;
        PoolVersion++;
        return true;
    }

    public bool WriteBudget(int version, BudgetState next)
    {
        if (version != BudgetVersion)
            return false;
        Budget = next;
        BudgetVersion++;
        return true;
    }

    public void MoveBudgetForAnotherPool() => BudgetVersion++;

    public void MoveNicForeign()
    {
        if (!Busy)
            Step(Nic);
    }

    /// <summary>ARM decides about a PUT that was sent.</summary>
    public bool Put(Put put)
    {
        if (Busy || put.IfMatch != Etag)
            return false;
        if (put.Remove.Any(slot => Agent.InUse.Contains(Nic.First(a => a.Slot == slot).Address)))
            Broken = "an address of a live pod is removed from the interface";
        var next = Nic.Where(a => !put.Remove.Contains(a.Slot)).ToList();
        foreach (var slot in put.Add)
            next.Add(new NicAddress(slot, NextFree(next), Confirmed: true));
        (Base, Busy) = (Nic, true);
        Step([.. next.OrderBy(a => a.Address)]);
        return true;
    }

    public void Finish(bool fails)
    {
        if (!Busy)
            return;
        Busy = false;
        Step(fails ? Base : Nic);
        Base = Nic;
    }

    public void Check()
    {
        var onNic = Nic.Select(a => a.Address).ToHashSet();
        if (!Agent.InUse.All(a => onNic.Contains(a)))
            Broken = "a live pod's address is not on the interface";
        if (Agent.InUse.Count != Agent.InUse.Distinct().Count())
            Broken = "an address is assigned twice";
        var held = Math.Max(Nic.Length, Busy ? Base.Length : 0);
        var open = Budget.Of("n");
        if (held > Budget.Used + (open?.InFlight ?? 0))
            Broken = $"{held} addresses on the interface, {Budget.Used} + {open?.InFlight ?? 0} accounted for";
        if (Budget.Used + Budget.InFlight > Limit || held > Limit)
            Broken = "the limit is passed";
        if (Budget.Used != (open?.Base ?? Pool.Addresses.Length))
            Broken = "used does not match the list";
    }

    /// <summary>Whether everything has come to rest as wanted.</summary>
    public bool IsSettled(int wanted) =>
        !Busy && Budget.Reservations.IsEmpty && Nic.Length == wanted && Pool.Addresses.Length == wanted
        && Budget.Used == wanted && Pool.Addresses.All(a => !a.Releasing);

    public string Show() =>
        $"nic [{string.Join(',', Nic.Select(a => a.Address.Value & 0xff))}]{(Busy ? " busy" : "")} {Etag} "
        + $"list [{string.Join(',', Pool.Addresses.Select(a => $"{a.Address.Value & 0xff}{(a.Releasing ? "R" : "")}"))}] marker {Pool.SettledReservation} "
        + $"want {Pool.Desired} releasable [{string.Join(',', Pool.Releasable.Select(a => a.Value & 0xff))}] used {Budget.Used} {Budget.Of("n")} {Agent.Show()}";

    private void Step(ImmutableArray<NicAddress> nic)
    {
        EtagBefore = Etag;
        etag++;
        Nic = nic;
    }

    // Next-fit over a small range: addresses come back, as they do in Azure.
    private IpAddress NextFree(List<NicAddress> taken)
    {
        for (var tries = 0; tries < Universe; tries++)
        {
            var address = IpAddress.V4(0x0A00_0000u + (uint)(nextAddress++ % Universe));
            if (taken.All(a => a.Address != address) && Nic.All(a => a.Address != address))
                return address;
        }

        throw new InvalidOperationException("no address left");
    }
}

using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Invariants;
using Vnetcni.ArmSimulator.Operations;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>Commits changes of NICs: reservations, body, etag, invariants and the operation's timer move together.</summary>
internal sealed class NicTable(
    World world, SimSettings settings, TimeProvider time, Latency latency, OperationTable operations, InvariantChecker checker, AddressBook book, SimRandom random)
{
    private readonly SimRandom _addresses = random.Fork();
    private readonly SimRandom _ids = random.Fork();

    // 24 bits collide soon among thousands of NICs.
    private readonly HashSet<string> _macs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs a timer's work under the simulator's lock.</summary>
    public required Action<Action> Locked { get; init; }

    public SimRandom Ids => _ids;

    /// <summary>Checks a body and chooses addresses without committing anything.</summary>
    public NicPlan Plan(ResourceId id, Nic? existing, string? vm, JsonObject body, IReadOnlySet<string>? waited = null) =>
        NicPlan.Make(world, settings, _addresses, id, existing, vm, body, waited ?? FrozenSet<string>.Empty);

    public Nic Create(ResourceId id, string location, NicPlan plan, string? mac)
    {
        var guid = _ids.NextGuid();
        var nic = new Nic(id, location)
        {
            Subnet = plan.Subnet,
            ResourceGuid = guid.ToString(),
            Mac = mac ?? DrawMac(),
        };
        world.Know(id);
        world.Nics.Add(nic.Key, nic);
        return nic;
    }

    public void Commit(Nic nic, NicPlan plan, JsonObject sent, string state, bool byForeigner)
    {
        var before = nic.Body.Length == 0 ? null : Json.ParseObject(nic.Body);
        foreach (var c in nic.Configurations)
            nic.Subnet.Release(c.Address);
        var configurations = new List<IpConfiguration>(plan.Configurations.Count);
        foreach (var (c, _) in plan.Configurations)
        {
            plan.Subnet.Take(c.Address, nic.ConfigurationId(c.Name));
            configurations.Add(c);
        }

        var old = nic.Configurations;
        nic.Subnet = plan.Subnet;
        nic.Configurations = configurations;
        if (world.RemembersPast)
            nic.Remember(time.GetUtcNow(), old);
        nic.PreviousEtag = nic.Etag;
        nic.PreviousBody = before is null ? null : nic.Body;
        Stamp(nic, state);
        var vm = nic.Vm is null ? null : world.Vms[nic.Vm].Id.ToString();
        nic.Body = NicJson.Render(nic, plan, sent, before, vm);
        checker.Committed(nic, old, before, byForeigner);
        book.Changed();
    }

    public void SetState(Nic nic, string state, bool newEtag)
    {
        if (newEtag)
            Stamp(nic, state);
        else
            nic.State = state;
        nic.Body = NicJson.WithState(nic, nic.Body);
        checker.Committed(nic, nic.Configurations, null, byForeigner: true);
        book.Changed();
    }

    public void Remove(Nic nic, bool byForeigner = true)
    {
        foreach (var c in nic.Configurations)
            nic.Subnet.Release(c.Address);
        world.Nics.Remove(nic.Key);
        if (nic.Running is { } running)
            End(running, "Canceled", null);
        checker.Removed(nic, byForeigner);
        book.Changed();
    }

    /// <summary>Starts the timer that ends an accepted operation.</summary>
    public void Start(Nic nic, Operation operation, int changed)
    {
        operations.Add(operation);
        nic.Running = operation;
        var due = latency.OfOperation(nic.Vm is not null, changed);
        operation.Timer = time.CreateTimer(_ => Locked(() => Complete(operation)), null, due, Timeout.InfiniteTimeSpan);
    }

    public void End(Operation operation, string status, JsonObject? error)
    {
        operation.Status = status;
        operation.Error = error;
        operations.Finish(operation);
    }

    private void Complete(Operation operation)
    {
        if (operation.Status != "InProgress" || !world.Nics.TryGetValue(operation.NicKey, out var nic) || nic.Running != operation)
            return;
        nic.Running = null;
        End(operation, operation.End.ToString(), operation.Error);
        if (operation is { IsDelete: true, End: OperationEnd.Succeeded })
            Remove(nic, operation.ByForeigner);
        else
            SetState(nic, operation.End == OperationEnd.Succeeded ? "Succeeded" : "Failed", settings.EtagChangesOnCompletion);
    }

    private string DrawMac()
    {
        string mac;
        do
        {
            var tail = _ids.NextBelow(1 << 24);
            mac = $"00-0D-3A-{tail >> 16:X2}-{(tail >> 8) & 255:X2}-{tail & 255:X2}";
        }
        while (!_macs.Add(mac));
        return mac;
    }

    private void Stamp(Nic nic, string state)
    {
        nic.Etag = $"W/\"{_ids.NextGuid()}\"";
        nic.State = state;
    }
}

using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Invariants;
using Vnetcni.ArmSimulator.Network;
using Vnetcni.ArmSimulator.Operations;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>What a PUT of a model does once it is accepted.</summary>
internal enum ModelEffect
{
    /// <summary>Model and interfaces change.</summary>
    Full,

    /// <summary>The model changes, its interfaces do not.</summary>
    ModelOnly,

    /// <summary>Nothing changes but the etag.</summary>
    None,
}

/// <summary>Commits changes of models, and lets interfaces follow them.</summary>
internal sealed class ScaleSetTable(
    World world, SimSettings settings, TimeProvider time, Latency latency, OperationTable operations, InvariantChecker checker, NicTable nics)
{
    /// <summary>Runs a timer's work under the simulator's lock.</summary>
    public required Action<Action> Locked { get; init; }

    public IEnumerable<Nic> NicsOf(VirtualMachine vm) => vm.Nics.Select(id => world.Nics[ResourceId.KeyOf(id)]);

    /// <summary>A seeded VM gets its model, without interfaces.</summary>
    public static void Begin(VirtualMachine vm, string created)
    {
        var instance = vm.Instance!;
        var model = ScaleSetModel.New(vm, created);
        instance.Moved();
        model["etag"] = instance.Etag;
        instance.Body = Json.Utf8(model);
    }

    /// <summary>A seeded interface becomes part of the VM's model, and of what its scale set says.</summary>
    public static void Adopt(VirtualMachine vm, Nic nic)
    {
        var instance = vm.Instance!;
        var model = Json.ParseObject(instance.Body);
        var one = ScaleSetModel.InterfaceOf(nic, Json.ParseObject(nic.Body));
        instance.Profile.Push(one.DeepClone());
        ScaleSetModel.Interfaces(model).Push(one);
        model["properties"]!["networkProfile"].Array("networkInterfaces")!.Push(Json.Ref(nic.Id.ToString()));
        instance.Body = Json.Utf8(model);
    }

    /// <summary>
    /// Checks what a model asks of the VM's interfaces. Nothing is changed; throws <see cref="ArmError"/>.
    /// </summary>
    public List<(Nic Nic, NicPlan Plan, JsonObject Body)> Plan(VirtualMachine vm, JsonObject model)
    {
        var wanted = new Dictionary<string, JsonArray>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in ScaleSetModel.Interfaces(model))
        {
            if (!wanted.TryAdd(node.String("name") ?? "", node.Object("properties").Array("ipConfigurations") ?? []))
                throw ArmErrors.InterfacesDiffer(vm.Id.ToString());
        }

        var plans = new List<(Nic Nic, NicPlan Plan, JsonObject Body)>();
        foreach (var nic in NicsOf(vm))
        {
            if (!wanted.Remove(nic.Id.OwnName, out var configurations))
                throw ArmErrors.InterfacesDiffer(vm.Id.ToString());
            var body = ScaleSetModel.NicBody(nic, configurations);
            plans.Add((nic, nics.Plan(nic.Id, nic, nic.Vm, body, Modelled(vm, nic)), body));
        }

        return wanted.Count == 0 ? plans : throw ArmErrors.InterfacesDiffer(vm.Id.ToString());
    }

    // What the model before has of an interface, with an address or without.
    private static HashSet<string> Modelled(VirtualMachine vm, Nic nic)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in ScaleSetModel.Interfaces(Json.ParseObject(vm.Instance!.Body)))
        {
            if (!nic.Id.OwnName.Equals(node.String("name"), StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var configuration in node.Object("properties").Array("ipConfigurations") ?? [])
                names.Add(configuration.String("name") ?? "");
        }

        return names;
    }

    /// <summary>Commits a model and starts the operation; the interfaces follow as the settings say.</summary>
    public void Write(VirtualMachine vm, JsonObject sent, Operation operation, ModelEffect effect, int changed, bool byForeigner)
    {
        var instance = vm.Instance!;
        Commit(vm, effect == ModelEffect.None ? null : sent, "Updating", byForeigner);
        foreach (var nic in NicsOf(vm))
            nics.SetState(nic, "Updating", newEtag: true);
        if (effect == ModelEffect.Full && settings.ModelFollowing == ModelFollowing.AtOnce)
            Follow(vm, "Updating");
        operations.Add(operation);
        instance.Running = operation;
        operation.Timer = time.CreateTimer(
            _ => Locked(() => Complete(vm, operation, effect)), null, latency.OfScaleSetVm(changed), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Another tool writes a model, without an operation.</summary>
    public void WriteAtOnce(VirtualMachine vm, JsonObject sent)
    {
        Plan(vm, sent);
        Commit(vm, sent, vm.Instance!.State, byForeigner: true);
        Follow(vm, vm.Instance.Running is null ? "Succeeded" : "Updating");
    }

    /// <summary>An upgrade or a re-image: instance-level configurations are dropped.</summary>
    public void Reset(VirtualMachine vm)
    {
        var model = Json.ParseObject(vm.Instance!.Body);
        model["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"] = vm.Instance.Profile.DeepClone();
        WriteAtOnce(vm, model);
    }

    private void Commit(VirtualMachine vm, JsonObject? sent, string state, bool byForeigner)
    {
        var instance = vm.Instance!;
        var before = Json.ParseObject(instance.Body);
        var after = sent is null ? (JsonObject)before.DeepClone() : ScaleSetModel.Written(sent, before);
        (instance.PreviousBody, instance.PreviousEtag) = (instance.Body, instance.Etag);
        instance.Moved();
        Stamp(instance, after, state);
        if (!byForeigner)
            checker.CommittedModel(vm.Id.ToString(), before, after);
    }

    private static void Stamp(ScaleSetInstance instance, JsonObject model, string state)
    {
        instance.State = state;
        model["etag"] = instance.Etag;
        model["properties"]!["provisioningState"] = state;
        instance.Body = Json.Utf8(model);
    }

    private void Complete(VirtualMachine vm, Operation operation, ModelEffect effect)
    {
        var instance = vm.Instance!;
        if (operation.Status != "InProgress" || world.Vms.GetValueOrDefault(vm.Key) != vm || instance.Running != operation)
            return;
        instance.Running = null;
        var end = operation.End;
        var error = operation.Error;
        if (effect == ModelEffect.Full && settings.ModelFollowing == ModelFollowing.AtEnd)
        {
            try
            {
                Follow(vm, "Updating");
            }
            catch (ArmError e)
            {
                // The subnet has filled up meanwhile: the model wants what its interfaces cannot have.
                (end, error) = (OperationEnd.Failed, e.Error());
            }
        }

        nics.End(operation, end.ToString(), error);
        var state = end == OperationEnd.Succeeded ? "Succeeded" : "Failed";
        if (settings.EtagChangesOnCompletion)
            instance.Moved();
        Stamp(instance, Json.ParseObject(instance.Body), state);
        foreach (var nic in NicsOf(vm))
            nics.SetState(nic, state, newEtag: true);
        // One that runs brings the newest model.
        if (effect == ModelEffect.Full && settings.ModelFollowing == ModelFollowing.Later)
            instance.Lag ??= time.CreateTimer(_ => Locked(() => CatchUp(vm)), null, latency.OfLag(), Timeout.InfiniteTimeSpan);
    }

    private void CatchUp(VirtualMachine vm)
    {
        vm.Instance!.DropLag();
        if (world.Vms.GetValueOrDefault(vm.Key) != vm)
            return;
        try
        {
            Follow(vm, vm.Instance.Running is null ? "Succeeded" : "Updating");
        }
        catch (ArmError)
        {
            // No room any more: the interfaces stay as they are, and the model says otherwise.
            return;
        }
    }

    /// <summary>The interfaces become what the model says.</summary>
    private void Follow(VirtualMachine vm, string state)
    {
        foreach (var (nic, plan, body) in Plan(vm, Json.ParseObject(vm.Instance!.Body)))
            nics.Commit(nic, plan, body, state, byForeigner: true);
    }
}

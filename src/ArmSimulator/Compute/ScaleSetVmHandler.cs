using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Network;
using Vnetcni.ArmSimulator.Operations;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>Uniform scale sets: GET and LIST of scale sets and VMs, PUT of a VM's model, and the views of its interfaces.</summary>
internal sealed class ScaleSetVmHandler(World world, SimSettings settings, ScaleSetTable table, NicTable nics, NicHandler nicHandler, SimRandom random)
{
    private const string Provider = "Microsoft.Compute";

    private readonly SimRandom _effects = random.Fork();
    private int _foreign;

    public Reply GetSet(Call call)
    {
        var set = world.RequireScaleSet(call.Route.Id!);
        return Reply.Ok(set.Render(VmsOf(set).Count()));
    }

    public Reply ListSets(Call call)
    {
        var route = call.Route;
        var inScope = world.ScaleSets.Where(s =>
            Same(s.Value.Id.Subscription, route.Subscription) && (route.Group is null || Same(s.Value.Id.ResourceGroup, route.Group)));
        return Paging.Page(call, inScope, settings.PageSize, s => s.Render(VmsOf(s).Count()));
    }

    public Reply List(Call call)
    {
        var set = world.RequireScaleSet(call.Route.Id!);
        return Paging.Page(call, VmsOf(set).Select(static v => KeyValuePair.Create(v.Key, v)), settings.PageSize, v => Render(v, stale: false, WantsView(call)));
    }

    public Reply Get(Call call)
    {
        var vm = Require(call.Route.Id!);
        var instance = vm.Instance!;
        var stale = instance.PreviousBody is not null && call.Fault(FaultKind.StaleRead) is not null;
        call.Headers.Add(new("ETag", stale ? instance.PreviousEtag : instance.Etag));
        return new Reply(200, WantsView(call) || stale ? Json.Utf8(Render(vm, stale, WantsView(call))) : instance.Body);
    }

    public Reply InstanceView(Call call) => Reply.Ok(Require(call.Route.Id!).RenderInstanceView());

    public Reply Put(Call call)
    {
        var vm = Require(call.Route.Id!);
        var instance = vm.Instance!;
        var body = NicHandler.ReadBody(call);
        CheckConditions(call, instance);
        if (body["properties"].Object("storageProfile") is { } storage && storage.ContainsKey("imageReference"))
            throw ArmErrors.ImageReferenceGiven();
        if (instance.Running is { } running)
            CheckConcurrency(call, vm, running);
        var plans = table.Plan(vm, body);

        var end = NicHandler.End(call, out var fault);
        var effect = EffectOf(call, fault);
        var operation = new Operation(nics.Ids.NextGuid(), Operation.PutScaleSetVm, vm.Key)
        {
            End = end,
            Error = NicHandler.ErrorOf(fault, end),
            RetryAfter = nicHandler.DrawRetryAfter(),
        };
        if (instance.Running is { } superseded)
            nics.End(superseded, "Canceled", ArmErrors.Superseded(superseded.Id, operation.Id, Operation.PutScaleSetVm).Error());
        table.Write(vm, body, operation, effect, plans.Sum(static p => p.Plan.Changed), call.ByForeigner);
        call.Headers.Add(new("Azure-AsyncOperation", call.OperationUri(vm.Location, operation.Id, provider: Provider)));
        call.RetryAfter(operation.RetryAfter);
        return new Reply(200, instance.Body);
    }

    /// <summary>One interface of a VM, as it is.</summary>
    public Reply GetNic(Call call)
    {
        Require(call.Route.Id!.Parent);
        var nic = world.RequireNic(call.Route.Id);
        var stale = nic.PreviousBody is not null && call.Fault(FaultKind.StaleRead) is not null;
        call.Headers.Add(new("ETag", stale ? nic.PreviousEtag : nic.Etag));
        return Reply.Ok(View(nic, stale));
    }

    /// <summary>The interfaces of a VM, or of a whole scale set.</summary>
    public Reply ListNics(Call call)
    {
        var id = call.Route.Id!;
        if (id.ChildType is null)
            world.RequireScaleSet(id);
        else
            Require(id);
        var prefix = id.Key + "/";
        var stale = call.Fault(FaultKind.StaleRead) is not null;
        return Paging.Page(call, world.Nics.Where(n => n.Key.StartsWith(prefix, StringComparison.Ordinal)), settings.PageSize, n => View(n, stale));
    }

    /// <summary>Another tool adds an ipConfiguration to an interface's model.</summary>
    public void WriteAsForeigner(VirtualMachine vm, Nic nic)
    {
        var model = Json.ParseObject(vm.Instance!.Body);
        var one = ScaleSetModel.Interfaces(model).First(i => Same(i.String("name") ?? "", nic.Id.OwnName));
        var list = one.Object("properties").Array("ipConfigurations")!;
        var copy = (JsonObject)list[0]!.DeepClone();
        string name;
        do
            name = string.Create(CultureInfo.InvariantCulture, $"foreign-{++_foreign}");
        while (list.Any(c => Same(c.String("name") ?? "", name)));
        copy["name"] = name;
        copy["properties"]!["primary"] = false;
        list.Push(copy);
        table.WriteAtOnce(vm, model);
    }

    /// <summary>Drops what the VM's model has beyond what its scale set says.</summary>
    public void Reset(VirtualMachine vm) => table.Reset(vm);

    private VirtualMachine Require(ResourceId id)
    {
        if (!id.ChildName!.All(char.IsAsciiDigit))
            throw ArmErrors.InstanceIdNotNumber();
        return world.RequireVm(id);
    }

    private IEnumerable<VirtualMachine> VmsOf(ScaleSet set)
    {
        var prefix = set.Id.Key + "/";
        return world.Vms.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(static v => v.Value);
    }

    private static JsonObject Render(VirtualMachine vm, bool stale, bool withView)
    {
        var model = Json.ParseObject((stale ? vm.Instance!.PreviousBody : null) ?? vm.Instance!.Body);
        if (withView)
            model["properties"]!["instanceView"] = vm.RenderInstanceView();
        return model;
    }

    // An interface that is seen through its VM has no place of its own.
    private static JsonObject View(Nic nic, bool stale)
    {
        var body = Json.ParseObject((stale ? nic.PreviousBody : null) ?? nic.Body);
        body.Remove("type");
        body.Remove("location");
        return body;
    }

    private static void CheckConditions(Call call, ScaleSetInstance instance)
    {
        var ifMatch = call.Request.Header("If-Match");
        if (!string.IsNullOrEmpty(ifMatch) && ifMatch != "*" && ifMatch != instance.Etag)
            throw ArmErrors.VmEtagMismatch(ifMatch, instance.Etag);
    }

    private void CheckConcurrency(Call call, VirtualMachine vm, Operation running)
    {
        if (settings.ConcurrentPut == ConcurrentPutMode.Conflict409)
            throw ArmErrors.OperationInProgress(call.OperationUri(vm.Location, running.Id, provider: Provider));
        if (settings.ConcurrentPut == ConcurrentPutMode.Reject429)
            throw ArmErrors.LockedByOperation(vm.Id.ToString(), running.Id, Operation.PutScaleSetVm);
    }

    private ModelEffect EffectOf(Call call, Fault? ended)
    {
        if (ended is not null)
        {
            // A failed operation may have got as far as the model alone.
            return ended.WithoutEffect ? ModelEffect.None : _effects.NextDouble() < 0.5 ? ModelEffect.Full : ModelEffect.ModelOnly;
        }

        return call.Fault(FaultKind.NoEffect) is { } fault
            ? fault.WithoutEffect ? ModelEffect.None : ModelEffect.ModelOnly
            : ModelEffect.Full;
    }

    private static bool WantsView(Call call) => call.Route.Query.GetValueOrDefault("$expand") is { } expand && Same(expand, "instanceView");

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

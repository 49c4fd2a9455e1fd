using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Operations;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>GET, LIST, PUT and DELETE of network interfaces.</summary>
internal sealed class NicHandler(World world, SimSettings settings, NicTable nics, SimRandom random)
{
    public const int MaxBodyBytes = 4 * 1024 * 1024;

    private readonly SimRandom _retryAfter = random.Fork();
    private int _foreign;

    public Reply Get(Call call)
    {
        var nic = world.RequireNic(call.Route.Id!);
        var stale = nic.PreviousBody is not null && call.Fault(FaultKind.StaleRead) is not null;
        call.Headers.Add(new("ETag", stale ? nic.PreviousEtag : nic.Etag));
        return new Reply(200, stale ? nic.PreviousBody : nic.Body);
    }

    public Reply List(Call call)
    {
        var stale = call.Fault(FaultKind.StaleRead) is not null;
        var route = call.Route;
        var inScope = world.Nics.Where(n =>
            n.Value.Id.ChildType is null && Same(n.Value.Id.Subscription, route.Subscription) && (route.Group is null || Same(n.Value.Id.ResourceGroup, route.Group)));
        return Paging.Page(call, inScope, settings.PageSize, n => Json.ParseObject((stale ? n.PreviousBody : null) ?? n.Body));
    }

    public Reply Put(Call call)
    {
        var id = call.Route.Id!;
        var body = ReadBody(call);
        var existing = world.Nics.GetValueOrDefault(id.Key);
        CheckConditions(call, id, existing);
        var location = CheckLocation(id, existing, body);
        if (existing?.Running is { } running)
            CheckConcurrency(call, existing, running);

        var plan = nics.Plan(id, existing, existing?.Vm, body);
        var end = End(call, out var fault);
        if (existing is not null && fault is { WithoutEffect: true })
        {
            body = Json.ParseObject(existing.Body);
            plan = nics.Plan(id, existing, existing.Vm, body);
        }

        var operation = new Operation(nics.Ids.NextGuid(), "PutNetworkInterfaceOperation", id.Key)
        {
            End = end,
            Error = ErrorOf(fault, end),
            RetryAfter = DrawRetryAfter(),
        };
        if (existing?.Running is { } superseded)
            nics.End(superseded, "Canceled", ArmErrors.Superseded(superseded.Id, operation.Id).Error());

        var nic = existing ?? nics.Create(id, location, plan, mac: null);
        nics.Commit(nic, plan, body, "Updating", call.ByForeigner);
        nics.Start(nic, operation, plan.Changed);
        call.Headers.Add(new("Azure-AsyncOperation", call.OperationUri(nic.Location, operation.Id)));
        call.RetryAfter(operation.RetryAfter);
        return new Reply(existing is null ? 201 : 200, nic.Body);
    }

    public Reply Delete(Call call)
    {
        var id = call.Route.Id!;
        if (!world.Nics.TryGetValue(id.Key, out var nic))
            return new Reply(204, null);
        CheckConditions(call, id, nic);
        if (nic.Vm is not null)
            throw ArmErrors.NicInUse(nic.Id.ToString(), world.Vms[nic.Vm].Id.ToString());
        if (nic.Running is { } running)
            throw ArmErrors.OperationInProgress(call.OperationUri(nic.Location, running.Id));
        var end = End(call, out var fault);
        var operation = new Operation(nics.Ids.NextGuid(), "DeleteNetworkInterfaceOperation", nic.Key)
        {
            ByForeigner = call.ByForeigner,
            End = end,
            Error = ErrorOf(fault, end),
            RetryAfter = DrawRetryAfter(),
        };
        nics.SetState(nic, "Deleting", newEtag: true);
        nics.Start(nic, operation, nic.Configurations.Count);
        call.Headers.Add(new("Azure-AsyncOperation", call.OperationUri(nic.Location, operation.Id)));
        call.Headers.Add(new("Location", call.OperationUri(nic.Location, operation.Id, "operationResults")));
        call.RetryAfter(operation.RetryAfter);
        return new Reply(202, null);
    }

    /// <summary>Another tool adds an ipConfiguration, without an operation: only the etag and the list tell.</summary>
    public void WriteAsForeigner(Nic nic)
    {
        var body = Json.ParseObject(nic.Body);
        var list = body["properties"].Array("ipConfigurations")!;
        var copy = (JsonObject)list[0]!.DeepClone();
        string name;
        do
            name = $"foreign-{++_foreign}";
        while (nic.Configurations.Any(c => Same(c.Name, name)));
        copy["name"] = name;
        var properties = (JsonObject)copy["properties"]!;
        properties["primary"] = false;
        properties["privateIPAllocationMethod"] = "Dynamic";
        properties.Remove("privateIPAddress");
        properties.Remove("publicIPAddress");
        list.Push(copy);
        nics.Commit(nic, nics.Plan(nic.Id, nic, nic.Vm, body), body, nic.State, byForeigner: true);
    }

    internal static JsonObject ReadBody(Call call)
    {
        if (call.Request.Body.Length > MaxBodyBytes)
            throw ArmErrors.TooLarge(call.Request.Body.Length, MaxBodyBytes);
        try
        {
            var body = UntrustedJson.ParseObject(call.Request.Body.Span);
            return body["properties"] is JsonObject ? body : throw ArmErrors.BadFormat("The request has no properties.", "properties");
        }
        catch (JsonException e)
        {
            throw ArmErrors.BadContent(e.Message);
        }
    }

    private static void CheckConditions(Call call, ResourceId id, Nic? existing)
    {
        var ifMatch = call.Request.Header("If-Match");
        if (!string.IsNullOrEmpty(ifMatch) && (existing is null || (ifMatch != "*" && ifMatch != existing.Etag)))
            throw ArmErrors.EtagMismatch(ifMatch, existing?.Etag ?? "", id.ToString());
        var ifNoneMatch = call.Request.Header("If-None-Match");
        if (existing is not null && (ifNoneMatch == "*" || ifNoneMatch == existing.Etag))
            throw ArmErrors.EtagMismatch(ifNoneMatch, existing.Etag, id.ToString());
    }

    private static string CheckLocation(ResourceId id, Nic? existing, JsonObject body)
    {
        var location = body.String("location")?.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        if (string.IsNullOrEmpty(location) || location.Length > 64 || !location.All(char.IsAsciiLetterOrDigit))
            throw ArmErrors.LocationRequired();
        if (existing is not null && !Same(location, existing.Location))
            throw ArmErrors.LocationDiffers(id.Name, id.ResourceGroup, existing.Location);
        return location;
    }

    private void CheckConcurrency(Call call, Nic nic, Operation running)
    {
        if (settings.ConcurrentPut == ConcurrentPutMode.Conflict409 || running.IsDelete)
            throw ArmErrors.OperationInProgress(call.OperationUri(nic.Location, running.Id));
        if (settings.ConcurrentPut == ConcurrentPutMode.Reject429)
            throw ArmErrors.LockedByOperation(nic.Id.ToString(), running.Id);
    }

    internal static OperationEnd End(Call call, out Fault? fault)
    {
        fault = call.Fault(FaultKind.FailOperation);
        if (fault is not null)
            return OperationEnd.Failed;
        fault = call.Fault(FaultKind.CancelOperation);
        return fault is null ? OperationEnd.Succeeded : OperationEnd.Canceled;
    }

    internal static JsonObject? ErrorOf(Fault? fault, OperationEnd end) => fault is null ? null
        : end == OperationEnd.Canceled ? new ArmError(0, "Canceled", "Operation was canceled.") { Details = [("CanceledAndSupersededDueToAnotherOperation", fault.Message ?? "Operation was canceled and superseded by another operation.")] }.Error()
        : FaultAnswers.ErrorOf(fault).Error();

    // Where operations are made shorter, a client is not told to wait as long as for Azure's.
    internal int DrawRetryAfter() => settings.AcceptedRetryAfter is { Count: > 0 } all
        ? (int)Math.Round(all[(int)_retryAfter.NextBelow((uint)all.Count)] * Math.Min(1, settings.Latency.Scale))
        : 0;

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

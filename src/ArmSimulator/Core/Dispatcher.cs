using Vnetcni.ArmSimulator.Authorization;
using Vnetcni.ArmSimulator.Compute;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Network;
using Vnetcni.ArmSimulator.Operations;
using Vnetcni.ArmSimulator.Throttling;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>From a request to an answer: authorization, quotas, faults, the resource, headers.</summary>
internal sealed class Dispatcher(
    World world, SimSettings settings, Throttle throttle, NicHandler nics, VnetHandler vnets, VmHandler vms, ScaleSetVmHandler scaleSets, OperationHandler operations, SimRandom random)
{
    private readonly AccessHandler _access = new(world.Access);

    public Call Open(SimRequest request, double now, FaultSet faults)
    {
        var host = request.Header("Host");
        var baseUri = string.IsNullOrEmpty(host) ? settings.BaseUri : $"https://{host}";
        return new Call(request, Route.Parse(request.PathAndQuery), request.Method.ToUpperInvariant(), now, baseUri, faults);
    }

    /// <summary>The answer and its error code; no answer when the connection is dropped.</summary>
    public (SimResponse? Response, string? Code) Serve(Call call, double now)
    {
        Reply reply;
        string? code = null;
        try
        {
            if (!Admit(call, now))
                return (null, null);
            reply = Dispatch(call);
            if (call.Fault(FaultKind.DropAfterCommit) is not null)
                return (null, null);
            if (call.Fault(FaultKind.ErrorAfterCommit) is { } fault)
                throw FaultAnswers.ErrorOf(fault);
        }
        catch (ArmError e)
        {
            code = e.DeepestCode;
            call.Headers.Clear();
            call.Headers.AddRange(e.Headers);
            if (e.RetryAfter is { } seconds)
                call.RetryAfter(seconds);
            reply = new Reply(e.Status, Json.Utf8(e.Body()));
        }

        return (Finish(call, reply, now), code);
    }

    /// <summary>Checks what stands before the resource; false drops the connection.</summary>
    private bool Admit(Call call, double now)
    {
        var authorization = call.Request.Header("Authorization");
        if (settings.RequireAuthorization && !Principal.IsBearer(authorization))
            throw ArmErrors.Unauthenticated();
        if (call.ApiVersion.Length is 0 or > 40)
            throw ArmErrors.MissingApiVersion();
        if (call.Route.Subscription.Length == 0)
            throw ArmErrors.UnknownPath(call.Route.Path);
        world.RequireScope(call.Route.Subscription, group: null);
        throttle.Admit(call.Route.Subscription.ToLowerInvariant(), Principal.Of(authorization), Kind(call), call.Route.IsNetwork, now);

        _access.Check(call);
        if (call.Method == "PUT" && InstanceOf(call) is { } written)
            throttle.AdmitVmUpdate(call.Route.Subscription.ToLowerInvariant(), written.Key, now);

        if (call.Fault(FaultKind.DropBeforeCommit) is not null)
            return false;
        if (call.Fault(FaultKind.Error) is { } fault)
            throw FaultAnswers.ErrorOf(fault);
        if (call.Method == "PUT")
            ForeignWrite(call);
        if (InstanceOf(call) is { } vm && call.Fault(FaultKind.ModelReset) is not null)
            scaleSets.Reset(vm);
        world.RequireScope(call.Route.Subscription, call.Route.Group);
        return true;
    }

    private Reply Dispatch(Call call)
    {
        switch (call.Method, call.Route.Template)
        {
            case (_, Route.Unknown):
                throw ArmErrors.UnknownPath(call.Route.Path);
            case ("PUT", Route.Nic):
                return nics.Put(call);
            case ("DELETE", Route.Nic):
                return nics.Delete(call);
            case ("GET", Route.Nic):
                var reply = nics.Get(call);
                ForeignWrite(call);
                return reply;
            case ("PUT", Route.ScaleSetVm):
                return scaleSets.Put(call);
            case ("GET", Route.ScaleSetVm):
                var model = scaleSets.Get(call);
                ForeignWrite(call);
                return model;
            case ("GET", _):
                return Read(call);
            default:
                throw ArmErrors.MethodNotAllowed(call.Method);
        }
    }

    private Reply Read(Call call) => call.Route.Template switch
    {
        Route.Nics => nics.List(call),
        Route.Vnet => vnets.Get(call),
        Route.Vnets => vnets.List(call),
        Route.Subnet => vnets.GetSubnet(call),
        Route.Subnets => vnets.ListSubnets(call),
        Route.Usages => vnets.Usages(call),
        Route.CheckAddress => vnets.CheckAddress(call),
        Route.Vm => vms.Get(call),
        Route.Vms => vms.List(call),
        Route.VmInstanceView => vms.InstanceView(call),
        Route.Permissions => _access.Permissions(call),
        Route.DenyAssignments => _access.DenyAssignments(call),
        Route.ScaleSets => scaleSets.ListSets(call),
        Route.ScaleSet => scaleSets.GetSet(call),
        Route.ScaleSetVms => scaleSets.List(call),
        Route.ScaleSetVmInstanceView => scaleSets.InstanceView(call),
        Route.ScaleSetNics or Route.ScaleSetVmNics => scaleSets.ListNics(call),
        Route.ScaleSetVmNic => scaleSets.GetNic(call),
        Route.Operation => operations.Status(call),
        Route.OperationResult => operations.Result(call),
        _ => throw ArmErrors.UnknownPath(call.Route.Path),
    };

    private void ForeignWrite(Call call)
    {
        var vm = InstanceOf(call);
        if (vm is { Nics.Count: 0 } || (vm is null && call.Route.Template != Route.Nic))
            return;
        if (!world.Nics.TryGetValue(vm is null ? call.Route.Id!.Key : ResourceId.KeyOf(vm.Nics[0]), out var nic))
            return;
        if (call.Fault(FaultKind.ForeignWrite) is null)
            return;
        try
        {
            if (vm is null)
                nics.WriteAsForeigner(nic);
            else
                scaleSets.WriteAsForeigner(vm, nic);
        }
        catch (ArmError e)
        {
            // The other tool meets the same limits; its failure is not this caller's.
            call.Fired.Add($"foreign writer refused: {e.Code}");
        }
    }

    private VirtualMachine? InstanceOf(Call call) =>
        call.Route.Template == Route.ScaleSetVm ? world.Vms.GetValueOrDefault(call.Route.Id!.Key) : null;

    private SimResponse Finish(Call call, Reply reply, double now)
    {
        var headers = new List<KeyValuePair<string, string>>(call.Headers.Count + 6) { new("Cache-Control", "no-cache") };
        if (reply.Body is not null)
            headers.Add(new("Content-Type", "application/json; charset=utf-8"));
        foreach (var header in call.Headers)
        {
            if (header.Key != "Retry-After" || call.Fault(FaultKind.NoRetryAfter) is null)
                headers.Add(header);
        }

        var requestId = random.NextGuid().ToString();
        var given = call.Request.Header("x-ms-correlation-request-id");
        headers.Add(new("x-ms-request-id", requestId));
        headers.Add(new("x-ms-correlation-request-id", Guid.TryParse(given, out var id) ? id.ToString() : requestId));
        if (world.Subscriptions.Contains(call.Route.Subscription))
            headers.Add(throttle.RemainingHeader(call.Route.Subscription.ToLowerInvariant(), Principal.Of(call.Request.Header("Authorization")), Kind(call), now));
        var body = reply.Body ?? [];
        if (body.Length > 0 && reply.Status < 300 && call.Fault(FaultKind.ChangeIdCase) is not null)
            body = FaultAnswers.ChangeIdCase(body);
        return new SimResponse(reply.Status, headers, body)
        {
            SlowBody = TimeSpan.FromSeconds(body.Length == 0 ? 0 : call.Fault(FaultKind.SlowBody)?.DelaySeconds ?? 0),
        };
    }

    private static RequestKind Kind(Call call) => call.Method switch
    {
        "GET" or "HEAD" => RequestKind.Read,
        "DELETE" => RequestKind.Delete,
        _ => RequestKind.Write,
    };
}

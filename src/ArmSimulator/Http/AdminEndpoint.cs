using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>The admin API under <c>/_sim</c>. It has no authentication: it listens on loopback unless told otherwise.</summary>
internal sealed class AdminEndpoint(SimulatedArm arm, ScaledTimeProvider clock)
{
    private const int MaxBodyBytes = 16 * 1024 * 1024;
    private const double LongestPollSeconds = 60;

    private const string Index = """
        POST   /_sim/scenario                      add VNets, VMs and NICs
        GET    /_sim/invariants                    broken invariants; an empty list is good
        GET    /_sim/addresses?since=N&timeout=S   address -> NIC; waits for a version above N
        GET    /_sim/journal                       the last requests
        GET    /_sim/counters                      requests per route and per quota
        GET    /_sim/faults                        fault rules and how often they fired
        POST   /_sim/faults                        add a fault rule
        POST   /_sim/fault-plan                    add the rules of a fault plan (YAML)
        DELETE /_sim/faults[?id=N]                 remove one or all
        GET    /_sim/clock                         time and speed
        PUT    /_sim/clock                         {"speed": 10}
        POST   /_sim/foreign-write?nic=ID          another tool adds an ipConfiguration
        POST   /_sim/model-reset?vm=ID             a scale set VM's model goes back to the scale set's
        PUT    /_sim/power?vm=ID&state=STATE       running, stopped, deallocated
        DELETE /_sim/vm?vm=ID                      remove a VM and its NICs

        """;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await ServeAsync(context);
        }
        catch (Exception e) when (e is JsonException or ScenarioException or ArgumentException or FormatException)
        {
            await WriteAsync(context, 400, new AdminError(e.Message), SimJson.Default.AdminError);
        }
        catch (Exception e) when (e is KeyNotFoundException or ArmError or InvalidOperationException { InnerException: ArmError })
        {
            await WriteAsync(context, e is KeyNotFoundException ? 404 : 409, new AdminError(e.Message), SimJson.Default.AdminError);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private Task ServeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        switch (context.Request.Method, context.Request.Path.Value?.TrimEnd('/'))
        {
            case ("GET", "" or "/_sim"):
                return context.Response.WriteAsync(Index, context.RequestAborted);
            case ("POST", "/_sim/scenario"):
                return ChangeAsync(context, SimJson.Default.Scenario, arm.Seed);
            case ("GET", "/_sim/invariants"):
                return WriteAsync(context, 200, new InvariantReport(arm.Violations), SimJson.Default.InvariantReport);
            case ("GET", "/_sim/addresses"):
                return AddressesAsync(context);
            case ("GET", "/_sim/journal"):
                return WriteAsync(context, 200, arm.Journal, SimJson.Default.IReadOnlyListJournalEntry);
            case ("GET", "/_sim/counters"):
                return WriteAsync(context, 200, new CounterReport(arm.Totals, arm.Counters), SimJson.Default.CounterReport);
            case ("GET", "/_sim/faults"):
                return WriteAsync(context, 200, arm.Faults, SimJson.Default.IReadOnlyListFaultStatus);
            case ("POST", "/_sim/faults"):
                return AddFaultAsync(context);
            case ("POST", "/_sim/fault-plan"):
                return AddPlanAsync(context);
            case ("DELETE", "/_sim/faults"):
                return RemoveFaultAsync(context);
            case ("GET", "/_sim/clock"):
                return WriteClockAsync(context);
            case ("PUT", "/_sim/clock"):
                return ChangeAsync(context, SimJson.Default.Clock, c => clock.Speed = c.Speed);
            case ("POST", "/_sim/foreign-write"):
                arm.WriteAsForeigner(Required(query, "nic"));
                return EmptyAsync(context);
            case ("POST", "/_sim/model-reset"):
                arm.ResetModel(Required(query, "vm"));
                return EmptyAsync(context);
            case ("PUT", "/_sim/power"):
                arm.SetPowerState(Required(query, "vm"), Required(query, "state"));
                return EmptyAsync(context);
            case ("DELETE", "/_sim/vm"):
                return arm.RemoveVm(Required(query, "vm")) ? EmptyAsync(context) : throw new KeyNotFoundException($"There is no VM {query["vm"]}.");
            default:
                throw new KeyNotFoundException($"{context.Request.Method} {context.Request.Path} is not part of the admin API; GET /_sim lists it.");
        }
    }

    private async Task AddressesAsync(HttpContext context)
    {
        var since = Number(context.Request.Query, "since", 0);
        var timeout = Math.Clamp(Number(context.Request.Query, "timeout", 30), 0, LongestPollSeconds);

        // The poll's patience is the caller's: real seconds, whatever the simulator's clock does.
        var patience = TimeSpan.FromSeconds(timeout * clock.Speed);
        var snapshot = await arm.WaitForAddressesAsync((long)since, patience, context.RequestAborted);
        await WriteAsync(context, 200, snapshot, SimJson.Default.AddressSnapshot);
    }

    private async Task AddFaultAsync(HttpContext context)
    {
        var fault = await ReadAsync(context, SimJson.Default.Fault);
        await WriteAsync(context, 201, new Added(arm.AddFault(fault)), SimJson.Default.Added);
    }

    private async Task AddPlanAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        foreach (var fault in FaultPlan.Parse(Encoding.UTF8.GetString(body.Span), "plan").Faults)
            arm.AddFault(fault);
        await WriteAsync(context, 201, arm.Faults, SimJson.Default.IReadOnlyListFaultStatus);
    }

    private Task RemoveFaultAsync(HttpContext context)
    {
        if (!context.Request.Query.ContainsKey("id"))
            arm.ClearFaults();
        else if (!arm.RemoveFault((int)Number(context.Request.Query, "id", 0)))
            throw new KeyNotFoundException($"There is no fault {context.Request.Query["id"]}.");
        return EmptyAsync(context);
    }

    private Task WriteClockAsync(HttpContext context) =>
        WriteAsync(context, 200, new Clock(clock.Speed) { Now = clock.GetUtcNow() }, SimJson.Default.Clock);

    private static async Task ChangeAsync<T>(HttpContext context, JsonTypeInfo<T> type, Action<T> change)
    {
        change(await ReadAsync(context, type));
        await EmptyAsync(context);
    }

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        var body = await RequestBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        return JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("The body is null.");
    }

    private static async Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task EmptyAsync(HttpContext context)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static string Required(IQueryCollection query, string name) =>
        query[name].ToString() is { Length: > 0 } value ? value : throw new ArgumentException($"The query parameter {name} is missing.");

    private static double Number(IQueryCollection query, string name, double otherwise) =>
        query[name].ToString() is not { Length: > 0 } text ? otherwise
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && number >= 0 ? number
        : throw new ArgumentException($"The query parameter {name} is not a number of at least 0.");
}

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Network;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>Hands HTTP requests to the simulator and its answers back.</summary>
internal sealed class ArmEndpoint(SimulatedArm arm)
{
    private const int SlowParts = 8;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            var body = await RequestBody.ReadAsync(context.Request, NicHandler.MaxBodyBytes, context.RequestAborted);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, values) in context.Request.Headers)
                headers[name] = values.ToString();

            // HTTP/2 has :authority instead.
            headers["Host"] = context.Request.Host.Value ?? "";
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var response = await arm.AnswerAsync(new SimRequest(context.Request.Method, target) { Headers = headers, Body = body }, context.RequestAborted);
            context.Response.StatusCode = response.Status;
            foreach (var (name, value) in response.Headers)
                context.Response.Headers.Append(name, value);
            if (response.Body.Length == 0)
                return;
            context.Response.ContentLength = response.Body.Length;
            await SendAsync(context, response);
        }
        catch (SimConnectionDroppedException)
        {
            context.Abort();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; what it asked for is done or not, as with Azure.
            context.Abort();
        }
    }

    private async Task SendAsync(HttpContext context, SimResponse response)
    {
        if (response.SlowBody == TimeSpan.Zero)
        {
            await context.Response.Body.WriteAsync(response.Body, context.RequestAborted);
            return;
        }

        await context.Response.StartAsync(context.RequestAborted);
        for (var part = 0; part < SlowParts; part++)
        {
            await Task.Delay(response.SlowBody / SlowParts, arm.Clock, context.RequestAborted);
            var (from, to) = (response.Body.Length * part / SlowParts, response.Body.Length * (part + 1) / SlowParts);
            await context.Response.Body.WriteAsync(response.Body[from..to], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}

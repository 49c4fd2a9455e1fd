using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>Health and metrics over HTTP.</summary>
internal static class Endpoints
{
    /// <summary>The web application, not started.</summary>
    public static WebApplication Build(AgentOptions options, Func<Agent?> agent)
    {
        // Nothing by itself: the other builders read appsettings.json from the working directory and watch all that is below it, in a container the
        // whole file system.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel, ignoreCase: true));
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(AgentOptionsReader.Endpoint(options));
        });
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(AgentMetrics.MeterName, RuntimeMetrics.Name)
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());

        var app = builder.Build();
        app.MapPrometheusScrapingEndpoint("/metrics");
        // Alive means that the process answers and its loops run: neither the cloud nor the API server can end it.
        app.MapGet("/healthz", context => AnswerAsync(context, agent() is { IsRunning: false } ? "the agent's loops have ended" : null));
        app.MapGet("/readyz", context => AnswerAsync(context, agent() is { } a ? a.NotServing : "the agent is starting"));
        app.MapGet("/status", context => WriteAsync(context, Status(options, agent())));
        return app;
    }

    private static string Status(AgentOptions options, Agent? agent)
    {
        if (agent is null)
            return $"node: {options.NodeName}\nserves: not yet, the agent is starting\n";
        var states = agent.Records.CountBy(record => record.State).OrderBy(state => state.Key).Select(state => $"{state.Value} {state.Key}");
        return $"node: {options.NodeName}\nserves: {agent.NotServing ?? "yes"}\naddresses: {string.Join(", ", states)}\ncontainer runtime: {agent.Sandboxes}\n";
    }

    private static Task AnswerAsync(HttpContext context, string? fault)
    {
        context.Response.StatusCode = (int)(fault is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        return WriteAsync(context, fault is null ? "ok\n" : fault + "\n");
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}

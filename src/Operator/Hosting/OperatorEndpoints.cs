using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Controllers;

namespace Vnetcni.Operator.Hosting;

/// <summary>Health and metrics over HTTP.</summary>
internal static class OperatorEndpoints
{
    /// <summary>The web application, not started.</summary>
    public static WebApplication Build(OperatorOptions options, Func<OperatorInstance?> instance)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.LogLevel, ignoreCase: true));
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(OperatorOptionsReader.Endpoint(options));
        });
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(OperatorMeters.Name, RuntimeMetrics.Name)
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());

        var app = builder.Build();
        app.MapPrometheusScrapingEndpoint("/metrics");
        // Alive means that the process answers: neither ARM nor the API server can end it.
        app.MapGet("/healthz", context => AnswerAsync(context, null));
        app.MapGet("/readyz", context => AnswerAsync(context, instance() is { IsReady: true } ? null : "the caches are not filled yet"));
        return app;
    }

    private static Task AnswerAsync(HttpContext context, string? fault)
    {
        context.Response.StatusCode = (int)(fault is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(fault is null ? "ok\n" : fault + "\n", context.RequestAborted);
    }
}

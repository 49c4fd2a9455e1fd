using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Controllers;

namespace Vnetcni.Operator.Hosting;

/// <summary>Health and metrics over HTTP.</summary>
internal static class Endpoints
{
    /// <summary>The web application, not started.</summary>
    /// <param name="options">Address and log level.</param>
    /// <param name="alive">Null, or why the process had better end.</param>
    /// <param name="ready">Null, or why it can neither lead nor take over.</param>
    public static WebApplication Build(HostOptions options, Func<string?> alive, Func<string?> ready)
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
            kestrel.Listen(HostOptionsReader.Endpoint(options));
        });
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(OperatorMeters.Name, RuntimeMetrics.Name)
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());

        var app = builder.Build();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapGet("/healthz", context => AnswerAsync(context, alive()));
        app.MapGet("/readyz", context => AnswerAsync(context, ready()));
        return app;
    }

    private static Task AnswerAsync(HttpContext context, string? fault)
    {
        context.Response.StatusCode = (int)(fault is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(fault is null ? "ok\n" : fault + "\n", context.RequestAborted);
    }
}

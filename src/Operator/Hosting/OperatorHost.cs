using System.Security.Cryptography;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.LeaderElection;
using Vnetcni.Operator.Azure.Http;

namespace Vnetcni.Operator.Hosting;

/// <summary>The process: clients, health, metrics, logs, signals. A stop gives the lease back.</summary>
internal sealed partial class OperatorHost(HostOptions options)
{
    /// <summary>Runs until a signal (0), or until the lease is lost (3: whoever started it starts it again, with nothing remembered).</summary>
    public async Task<int> RunAsync()
    {
        var time = TimeProvider.System;
        OperatorInstance? instance = null;
        Task<LeadershipEnd>? run = null;
        await using var app = Endpoints.Build(
            options,
            () => run is { IsCompleted: true } ? "the operator's loops have ended" : null,
            () => instance is { IsReady: true } ? null : "the caches are not filled yet");
        var loggers = app.Services.GetRequiredService<ILoggerFactory>();
        var logger = loggers.CreateLogger("Vnetcni.Operator");
        using var api = HttpKubeApi.FromConfig(KubeConfiguration(), time, new HttpKubeApiOptions { UserAgent = "vnetcni-operator/0.1" });
        var uninstall = new Uninstall.Uninstaller(api, time, options.LeaseNamespace, text => Progress(logger, text));
        if (options.Task == "await-clean-up")
        {
            using var signal = new CancellationTokenSource();
            using var term = System.Runtime.InteropServices.PosixSignalRegistration.Create(
                System.Runtime.InteropServices.PosixSignal.SIGTERM, context =>
                {
                    context.Cancel = true;
                    signal.Cancel();
                });
            await uninstall.AwaitCleanUpAsync(options.DaemonSet, signal.Token);
            return 0;
        }

        using var arm = new ArmHttp(ArmConnection.Options(options), ArmConnection.Credential(options, Environment.GetEnvironmentVariable, time), time);
        var settings = HostOptionsReader.Settings(options, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)));
        instance = new OperatorInstance(
            api, arm, time, settings, new Jitter(RandomNumberGenerator.GetInt32(int.MaxValue)), new LoggingObserver(logger));
        await app.StartAsync();
        Starting(logger, settings.Identity, HostOptionsReader.Arm(options).Host, settings.PerNode, settings.PerVirtualNetwork, settings.DryRun);
        try
        {
            var stopping = app.Lifetime.ApplicationStopping;
            if (options.Task == "drain")
            {
                var plan = new Uninstall.DrainPlan(options.Deployment, options.DaemonSet, HostOptionsReader.Force(options));
                await uninstall.DrainAsync(plan, instance, stopping);
                return 0;
            }

            run = instance.RunAsync(stopping);
            var end = await run;
            Stopped(logger, end);
            return end == LeadershipEnd.Stopped ? 0 : 3;
        }
        finally
        {
            await app.StopAsync();
        }
    }

    private KubernetesClientConfiguration KubeConfiguration() => options.Kubeconfig.Length > 0
        ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.Kubeconfig)
        : KubernetesClientConfiguration.InClusterConfig();

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "Operator {Identity} starts: ARM {Arm}, at most {PerNode} addresses per node and {PerVnet} per virtual network, dry run {DryRun}")]
    private static partial void Starting(ILogger logger, string identity, string arm, int perNode, int perVnet, bool dryRun);

    [LoggerMessage(EventId = 103, Level = LogLevel.Information, Message = "Uninstall: {Progress}")]
    private static partial void Progress(ILogger logger, string progress);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "Operator ended: {End}")]
    private static partial void Stopped(ILogger logger, LeadershipEnd end);
}

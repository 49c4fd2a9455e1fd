using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.LeaderElection;
using Vnetcni.Operator.Azure;
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
        using var arm = new ArmHttp(Arm(), Credential(), time);
        var settings = HostOptionsReader.Settings(options, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)));
        instance = new OperatorInstance(
            api, arm, time, settings, new Jitter(RandomNumberGenerator.GetInt32(int.MaxValue)), new LoggingObserver(logger));
        await app.StartAsync();
        Starting(logger, settings.Identity, HostOptionsReader.Arm(options).Host, settings.PerNode, settings.PerVirtualNetwork, settings.DryRun);
        try
        {
            run = instance.RunAsync(app.Lifetime.ApplicationStopping);
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

    private ArmHttpOptions Arm()
    {
        var http = new ArmHttpOptions { Endpoint = HostOptionsReader.Arm(options) };
        if (options.ArmCaFile.Length == 0)
            return http;
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(options.ArmCaFile);
        return roots.Count == 0
            ? throw new FormatException($"--arm-ca-file {options.ArmCaFile} holds no certificate in PEM")
            : http with { TrustedRoots = roots };
    }

    private global::Azure.Core.TokenCredential Credential() => ArmCredentials.Create(
        ArmCredentials.ParseMode(options.ArmIdentity),
        new ArmCredentialOptions
        {
            TenantId = Environment.GetEnvironmentVariable("AZURE_TENANT_ID"),
            ClientId = Environment.GetEnvironmentVariable("AZURE_CLIENT_ID"),
            TokenFile = Environment.GetEnvironmentVariable("AZURE_FEDERATED_TOKEN_FILE"),
            ClientSecret = Environment.GetEnvironmentVariable("AZURE_CLIENT_SECRET"),
            Token = Environment.GetEnvironmentVariable("VNETCNI_ARM_TOKEN"),
            AuthorityHost = HostOptionsReader.Authority(options),
        });

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "Operator {Identity} starts: ARM {Arm}, at most {PerNode} addresses per node and {PerVnet} per virtual network, dry run {DryRun}")]
    private static partial void Starting(ILogger logger, string identity, string arm, int perNode, int perVnet, bool dryRun);

    [LoggerMessage(EventId = 102, Level = LogLevel.Information, Message = "Operator ended: {End}")]
    private static partial void Stopped(ILogger logger, LeadershipEnd end);
}

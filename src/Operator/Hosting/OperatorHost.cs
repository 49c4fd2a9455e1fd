using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Http;

namespace Vnetcni.Operator.Hosting;

/// <summary>The process: clients, health, the operator itself. A stop releases the lease; a lost lease ends the process.</summary>
internal sealed partial class OperatorHost(OperatorOptions options)
{
    private OperatorInstance? _operator;

    /// <summary>Runs until a signal (true), or until the lease is lost (false: start anew, with empty hands).</summary>
    public async Task<bool> RunAsync()
    {
        await using var app = OperatorEndpoints.Build(options, () => _operator);
        var loggers = app.Services.GetRequiredService<ILoggerFactory>();
        var logger = loggers.CreateLogger("Vnetcni.Operator.Hosting");
        using var arm = new ArmHttp(ArmOptions(), Credential(), TimeProvider.System);
        using var api = Connect();
        await app.StartAsync();
        Starting(logger, options.Identity, options.ArmEndpoint.Length > 0 ? options.ArmEndpoint : ArmHttpOptions.PublicCloud.ToString());
        try
        {
            var jitter = new Jitter(RandomNumberGenerator.GetInt32(int.MaxValue));
            _operator = new OperatorInstance(
                api, arm, TimeProvider.System, OperatorOptionsReader.Settings(options), jitter,
                new LoggingObserver(loggers.CreateLogger("Vnetcni.Operator")));
            var end = await _operator.RunAsync(app.Lifetime.ApplicationStopping);
            Ended(logger, end.ToString());
            return app.Lifetime.ApplicationStopping.IsCancellationRequested;
        }
        finally
        {
            await app.StopAsync();
        }
    }

    private HttpKubeApi Connect()
    {
        var configuration = options.Kubeconfig.Length > 0
            ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.Kubeconfig)
            : KubernetesClientConfiguration.InClusterConfig();
        return HttpKubeApi.FromConfig(configuration, TimeProvider.System, new HttpKubeApiOptions { UserAgent = "vnetcni-operator/0.1" });
    }

    private ArmHttpOptions ArmOptions()
    {
        var made = new ArmHttpOptions();
        if (options.ArmEndpoint.Length > 0)
            made = made with { Endpoint = new Uri(options.ArmEndpoint) };
        if (options.ArmCaFile.Length > 0)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(options.ArmCaFile);
            made = made with { TrustedRoots = roots };
        }

        return made;
    }

    private global::Azure.Core.TokenCredential Credential()
    {
        var authority = Environment.GetEnvironmentVariable("AZURE_AUTHORITY_HOST");
        return ArmCredentials.Create(ArmCredentials.ParseMode(options.ArmIdentity), new ArmCredentialOptions
        {
            TenantId = Environment.GetEnvironmentVariable("AZURE_TENANT_ID"),
            ClientId = Environment.GetEnvironmentVariable("AZURE_CLIENT_ID"),
            TokenFile = Environment.GetEnvironmentVariable("AZURE_FEDERATED_TOKEN_FILE"),
            ClientSecret = Environment.GetEnvironmentVariable("AZURE_CLIENT_SECRET"),
            Token = Environment.GetEnvironmentVariable("VNETCNI_ARM_TOKEN"),
            AuthorityHost = string.IsNullOrEmpty(authority) ? null : new Uri(authority),
        });
    }

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "Operator {Identity} starts; ARM is {Arm}")]
    private static partial void Starting(ILogger logger, string identity, string arm);

    [LoggerMessage(EventId = 402, Level = LogLevel.Information, Message = "The operator ended: {End}")]
    private static partial void Ended(ILogger logger, string end);
}

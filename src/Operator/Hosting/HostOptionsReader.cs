using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Hosting;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Credentials;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Hosting;

/// <summary>Reads options: <c>--name value</c> or <c>--name=value</c> first, then the environment, then the default.</summary>
internal static class HostOptionsReader
{
    private static readonly OptionTable<HostOptions> Table = new(
    [
        new("kubeconfig", "KUBECONFIG", "kubeconfig (default: the pod's service account)", (o, v) => o with { Kubeconfig = v }),
        new("identity", "POD_NAME", "name of this replica (default: the host's name)", (o, v) => o with { Identity = v }),
        new("lease-namespace", "VNETCNI_LEASE_NAMESPACE", "namespace of the lease (default vnetcni-system)", (o, v) => o with { LeaseNamespace = v }),
        new("lease-name", "VNETCNI_LEASE_NAME", "name of the lease; none = no election, one replica only (default vnetcni-operator)", (o, v) => o with { LeaseName = v == "none" ? string.Empty : v }),
        new("lease-seconds", "VNETCNI_LEASE_SECONDS", "seconds after which another replica takes a lease that is not renewed, 3 to 3600: fewer means a sooner change and more writes (default 15)", (o, v) => o with { LeaseSeconds = v }),
        new("cloud", "VNETCNI_CLOUD", "public, usgov or china, also as AzureCloud, AzureUSGovernment, AzureChinaCloud (default public)", (o, v) => o with { Cloud = v }),
        new("arm-endpoint", "VNETCNI_ARM_ENDPOINT", "https address of Azure Resource Manager (default: the cloud's)", (o, v) => o with { ArmEndpoint = v }),
        new("arm-audience", "VNETCNI_ARM_AUDIENCE", "resource that the token is for, such as https://management.local.azurestack.external/ (default: the cloud's, or the given address of ARM)", (o, v) => o with { ArmAudience = v }),
        new("authority-host", "AZURE_AUTHORITY_HOST", "https address where tokens come from (default: the cloud's)", (o, v) => o with { AuthorityHost = v }),
        new("arm-ca-file", "VNETCNI_ARM_CA_FILE", "PEM file with the only certificates to trust for it, for the simulator (default: the machine's)", (o, v) => o with { ArmCaFile = v }),
        new("arm-identity", "VNETCNI_ARM_IDENTITY", "workload, managed, secret, certificate or static (the token in VNETCNI_ARM_TOKEN, for the simulator; default workload)", (o, v) => o with { ArmIdentity = v }),
        new("http", "VNETCNI_HTTP", "address:port of /healthz, /readyz and /metrics (default 0.0.0.0:9467)", (o, v) => o with { Http = v }),
        new("per-node", "VNETCNI_PER_NODE", "most pod addresses per node, 1 to 250 (default 250)", (o, v) => o with { PerNode = v }),
        new("per-vnet", "VNETCNI_PER_VNET", "most pod addresses per virtual network, 1 to 16000 (default 16000)", (o, v) => o with { PerVnet = v }),
        new("workers", "VNETCNI_WORKERS", "pools worked on at a time, 1 to 1000 (default 32)", (o, v) => o with { Workers = v }),
        new("arm-left-for-others", "VNETCNI_ARM_LEFT_FOR_OTHERS", "percent of each of Azure's request limits that is never used up, 0 to 90 (default 5)", (o, v) => o with { ArmLeftForOthers = v }),
        new("dry-run", "VNETCNI_DRY_RUN", "true = ARM writes become events and metrics only (default false)", (o, v) => o with { DryRun = v }),
        new("task", "VNETCNI_TASK", "run (default); for an uninstall drain, which takes every address back and ends, or await-clean-up, which waits for the nodes", (o, v) => o with { Task = v }),
        new("force", "VNETCNI_FORCE", "with drain: true = also while pods use addresses, they lose them (default false)", (o, v) => o with { Force = v }),
        new("deployment", "VNETCNI_DEPLOYMENT", "with drain: the operator's Deployment to stop first, in the lease's namespace (default none)", (o, v) => o with { Deployment = v }),
        new("daemonset", "VNETCNI_DAEMONSET", "with drain: the agents' DaemonSet to delete first; with await-clean-up: the one to wait for (default none)", (o, v) => o with { DaemonSet = v }),
        new("log-level", "VNETCNI_LOG_LEVEL", "Debug, Information, Warning or Error (default Information)", (o, v) => o with { LogLevel = v }),
    ]);

    /// <summary>One line for each option.</summary>
    public static string Usage => "vnetcni operator\n" + Table.Usage;

    /// <summary>Reads and checks. Throws <see cref="FormatException"/> that says which option, what is wrong and what would do.</summary>
    public static HostOptions Read(IReadOnlyList<string> arguments, Func<string, string?> environment, string hostName)
    {
        var options = Table.Read(new HostOptions { Identity = hostName }, arguments, environment);
        Check(options);
        return options;
    }

    /// <summary>Address and port of health and metrics.</summary>
    public static IPEndPoint Endpoint(HostOptions options) =>
        IPEndPoint.TryParse(options.Http, out var endpoint) && options.Http.Contains(':', StringComparison.Ordinal)
            ? endpoint
            : throw new FormatException($"--http '{options.Http}' is not address:port, such as 0.0.0.0:9467");

    /// <summary>Where ARM is.</summary>
    public static Uri Arm(HostOptions options) => options.ArmEndpoint.Length == 0
        ? Cloud(options).Arm
        : Host(options.ArmEndpoint) ?? throw new FormatException($"--arm-endpoint '{options.ArmEndpoint}' must be https://host[:port] without a path: a token is never sent in clear text");

    /// <summary>Where tokens come from.</summary>
    public static Uri Authority(HostOptions options) => options.AuthorityHost.Length == 0
        ? Cloud(options).Authority
        : Host(options.AuthorityHost) ?? throw new FormatException($"--authority-host '{options.AuthorityHost}' must be https://host[:port] without a path, such as https://login.microsoftonline.us");

    /// <summary>
    /// Scope of the token. An address of ARM that is given names the audience too, unless one is given: a token for Azure's own
    /// ARM is never sent to another host.
    /// </summary>
    public static string Scope(HostOptions options)
    {
        var audience = options.ArmAudience.Length > 0 ? options.ArmAudience
            : options.ArmEndpoint.Length > 0 ? Arm(options).GetLeftPart(UriPartial.Authority)
            : Cloud(options).Audience;
        if (audience.EndsWith("/.default", StringComparison.Ordinal))
            throw new FormatException($"--arm-audience '{audience}' is a scope; leave /.default out");
        if (!Guid.TryParseExact(audience, "D", out _) && !Uri.TryCreate(audience, UriKind.Absolute, out _))
            throw new FormatException($"--arm-audience '{audience}' is neither a URI such as https://management.azure.com nor an application's GUID");
        return audience + "/.default";
    }

    /// <summary>Settings of the operator itself.</summary>
    /// <param name="options">The options.</param>
    /// <param name="random">What makes this process's name its own.</param>
    public static OperatorSettings Settings(HostOptions options, string random) => new()
    {
        Identity = $"{options.Identity}_{random}",
        LeaseNamespace = options.LeaseNamespace,
        LeaseName = options.LeaseName,
        LeaseDuration = TimeSpan.FromSeconds(Number("lease-seconds", options.LeaseSeconds, 3_600, min: 3)),
        PerNode = Number("per-node", options.PerNode, NodeRoom.MaxPerNode),
        PerVirtualNetwork = Number("per-vnet", options.PerVnet, 16_000),
        Workers = Number("workers", options.Workers, 1_000),
        ArmQuota = new QuotaSettings { LeftForOthers = Number("arm-left-for-others", options.ArmLeftForOthers, 90, min: 0) / 100.0 },
        DryRun = Flag("dry-run", options.DryRun),
        Uninstalling = options.Task == "drain",
    };

    /// <summary>Whether pods may lose their addresses to an uninstall.</summary>
    public static bool Force(HostOptions options) => Flag("force", options.Force);

    private static void Check(HostOptions options)
    {
        _ = Endpoint(options);
        _ = Cloud(options);
        _ = Arm(options);
        _ = Authority(options);
        _ = Scope(options);
        _ = Settings(options, string.Empty);
        _ = Force(options);
        if (options.Task is not ("run" or "drain" or "await-clean-up"))
            throw new FormatException($"--task '{options.Task}' is none of run, drain, await-clean-up");
        if (options.Task == "await-clean-up" && options.DaemonSet.Length == 0)
            throw new FormatException("--task await-clean-up needs --daemonset");
        if (options.Identity.Length is 0 or > 200)
            throw new FormatException("--identity must have 1 to 200 characters");
        if (options.Kubeconfig.Length > 0 && !File.Exists(options.Kubeconfig))
            throw new FormatException($"--kubeconfig {options.Kubeconfig} does not exist");
        if (options.ArmCaFile.Length > 0 && !File.Exists(options.ArmCaFile))
            throw new FormatException($"--arm-ca-file {options.ArmCaFile} does not exist");
        if (!Enum.TryParse<LogLevel>(options.LogLevel, ignoreCase: true, out _))
            throw new FormatException($"--log-level '{options.LogLevel}' is none of Debug, Information, Warning, Error");
        try
        {
            _ = ArmCredentials.ParseMode(options.ArmIdentity);
        }
        catch (ArmCredentialException e)
        {
            throw new FormatException($"--arm-identity: {e.Message}", e);
        }
    }

    private static AzureCloud Cloud(HostOptions options) => AzureCloud.Find(options.Cloud)
        ?? throw new FormatException($"--cloud '{options.Cloud}' is none of public, usgov, china; for another leave it at public and give --arm-endpoint, --arm-audience and --authority-host");

    private static Uri? Host(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 ? uri : null;

    private static int Number(string name, string text, int max, int min = 1) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"--{name} '{text}' must be a whole number from {min} to {max}"));

    private static bool Flag(string name, string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"--{name} '{text}' is neither true nor false"),
    };
}

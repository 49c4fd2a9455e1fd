using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Hosting;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure;

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
        new("cloud", "VNETCNI_CLOUD", "public, usgov or china (default public)", (o, v) => o with { Cloud = v }),
        new("arm-endpoint", "VNETCNI_ARM_ENDPOINT", "https address of Azure Resource Manager (default: the cloud's)", (o, v) => o with { ArmEndpoint = v }),
        new("arm-ca-file", "VNETCNI_ARM_CA_FILE", "PEM file with the only certificates to trust for it, for the simulator (default: the machine's)", (o, v) => o with { ArmCaFile = v }),
        new("arm-identity", "VNETCNI_ARM_IDENTITY", "workload, managed, secret or static (the token in VNETCNI_ARM_TOKEN, for the simulator; default workload)", (o, v) => o with { ArmIdentity = v }),
        new("http", "VNETCNI_HTTP", "address:port of /healthz, /readyz and /metrics (default 0.0.0.0:9467)", (o, v) => o with { Http = v }),
        new("per-node", "VNETCNI_PER_NODE", "most pod addresses per node, 1 to 250 (default 250)", (o, v) => o with { PerNode = v }),
        new("per-vnet", "VNETCNI_PER_VNET", "most pod addresses per virtual network, 1 to 16000 (default 16000)", (o, v) => o with { PerVnet = v }),
        new("workers", "VNETCNI_WORKERS", "pools worked on at a time, 1 to 1000 (default 32)", (o, v) => o with { Workers = v }),
        new("dry-run", "VNETCNI_DRY_RUN", "true = ARM writes become events and metrics only (default false)", (o, v) => o with { DryRun = v }),
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
    public static Uri Arm(HostOptions options)
    {
        if (options.ArmEndpoint.Length == 0)
        {
            return options.Cloud switch
            {
                "public" => new Uri("https://management.azure.com"),
                "usgov" => new Uri("https://management.usgovcloudapi.net"),
                "china" => new Uri("https://management.chinacloudapi.cn"),
                _ => throw new FormatException($"--cloud '{options.Cloud}' is none of public, usgov, china; give --arm-endpoint for another"),
            };
        }

        return Uri.TryCreate(options.ArmEndpoint, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.PathAndQuery == "/"
            ? uri
            : throw new FormatException($"--arm-endpoint '{options.ArmEndpoint}' must be https://host[:port] without a path: a token is never sent in clear text");
    }

    /// <summary>Where tokens come from in that cloud; null is the public one's.</summary>
    public static Uri? Authority(HostOptions options) => options.Cloud switch
    {
        "usgov" => new Uri("https://login.microsoftonline.us"),
        "china" => new Uri("https://login.chinacloudapi.cn"),
        _ => null,
    };

    /// <summary>Settings of the operator itself.</summary>
    /// <param name="options">The options.</param>
    /// <param name="random">What makes this process's name its own.</param>
    public static OperatorSettings Settings(HostOptions options, string random) => new()
    {
        Identity = $"{options.Identity}_{random}",
        LeaseNamespace = options.LeaseNamespace,
        LeaseName = options.LeaseName,
        PerNode = Number("per-node", options.PerNode, NodeRoom.MaxPerNode),
        PerVirtualNetwork = Number("per-vnet", options.PerVnet, 16_000),
        Workers = Number("workers", options.Workers, 1_000),
        DryRun = Flag("dry-run", options.DryRun),
    };

    private static void Check(HostOptions options)
    {
        _ = Endpoint(options);
        _ = Arm(options);
        _ = Settings(options, string.Empty);
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

    private static int Number(string name, string text, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= max
            ? value
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"--{name} '{text}' must be a whole number from 1 to {max}"));

    private static bool Flag(string name, string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"--{name} '{text}' is neither true nor false"),
    };
}

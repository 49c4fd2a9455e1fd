using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Hosting;

/// <summary>Reads options: <c>--name value</c> or <c>--name=value</c> first, then the environment, then the default.</summary>
internal static class OperatorOptionsReader
{
    private sealed record Option(string Name, string Variable, string Help, Func<OperatorOptions, string, OperatorOptions> Set);

    private static readonly Option[] Options =
    [
        new("kubeconfig", "KUBECONFIG", "kubeconfig (default: the pod's service account)", (o, v) => o with { Kubeconfig = v }),
        new("identity", "POD_NAME", "unique name of this replica (default: the host's name)", (o, v) => o with { Identity = v }),
        new("lease-namespace", "POD_NAMESPACE", "namespace of the lease (default vnetcni-system)", (o, v) => o with { LeaseNamespace = v }),
        new("lease-name", "VNETCNI_LEASE", "name of the lease (default vnetcni-operator)", (o, v) => o with { LeaseName = v }),
        new("arm-endpoint", "VNETCNI_ARM_ENDPOINT", "base address of Azure Resource Manager (default: the public cloud's)", (o, v) => o with { ArmEndpoint = v }),
        new("arm-ca-file", "VNETCNI_ARM_CA_FILE", "PEM file: trust only these certificates for ARM (default: the machine's roots)", (o, v) => o with { ArmCaFile = v }),
        new("arm-identity", "VNETCNI_ARM_IDENTITY", "workload (default), managed, secret, or static: VNETCNI_ARM_TOKEN, for the simulator", (o, v) => o with { ArmIdentity = v }),
        new("http", "VNETCNI_HTTP", "address:port of /healthz, /readyz and /metrics (default 0.0.0.0:9467)", (o, v) => o with { Http = v }),
        new("limit-per-node", "VNETCNI_LIMIT_PER_NODE", "most pod addresses per node, 1 to 250 (default 250)", (o, v) => o with { PerNode = v }),
        new("limit-per-vnet", "VNETCNI_LIMIT_PER_VNET", "most pod addresses per virtual network, 1 to 16000 (default 16000)", (o, v) => o with { PerVirtualNetwork = v }),
        new("dry-run", "VNETCNI_DRY_RUN", "true: ARM writes become events and metrics only (default false)", (o, v) => o with { DryRun = v }),
        new("log-level", "VNETCNI_LOG_LEVEL", "Debug, Information, Warning or Error (default Information)", (o, v) => o with { LogLevel = v }),
    ];

    /// <summary>One line for each option.</summary>
    public static string Usage =>
        "vnetcni operator\n" + string.Concat(Options.Select(o => $"  --{o.Name,-16} ${o.Variable,-24} {o.Help}\n"));

    /// <summary>Reads and checks. Throws <see cref="FormatException"/> that says which option, what is wrong and what would do.</summary>
    public static OperatorOptions Read(IReadOnlyList<string> arguments, Func<string, string?> environment, string hostName)
    {
        var options = new OperatorOptions { Identity = hostName };
        foreach (var option in Options)
        {
            if (environment(option.Variable) is { Length: > 0 } value)
                options = option.Set(options, value);
        }

        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            var option = Options.FirstOrDefault(o => o.Name == name)
                ?? throw new FormatException($"'{arguments[i]}' is not an option; --help lists them");
            if (value is null && ++i >= arguments.Count)
                throw new FormatException($"--{name} lacks its value: {option.Help}");
            options = option.Set(options, value ?? arguments[i]);
        }

        return Check(options);
    }

    /// <summary>Address and port of health and metrics.</summary>
    public static IPEndPoint Endpoint(OperatorOptions options) =>
        IPEndPoint.TryParse(options.Http, out var endpoint) && options.Http.Contains(':', StringComparison.Ordinal)
            ? endpoint
            : throw new FormatException($"--http '{options.Http}' is not address:port, such as 0.0.0.0:9467");

    /// <summary>What the operator itself is told.</summary>
    public static OperatorSettings Settings(OperatorOptions options) => new()
    {
        Identity = options.Identity,
        LeaseNamespace = options.LeaseNamespace,
        LeaseName = options.LeaseName,
        PerNode = Number("limit-per-node", options.PerNode, 250),
        PerVirtualNetwork = Number("limit-per-vnet", options.PerVirtualNetwork, 16_000),
        DryRun = options.DryRun switch
        {
            "true" => true,
            "false" => false,
            var other => throw new FormatException($"--dry-run '{other}' is neither true nor false"),
        },
    };

    private static (string Name, string? Value) Split(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return (argument, null);
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument[2..], null) : (argument[2..equals], argument[(equals + 1)..]);
    }

    private static OperatorOptions Check(OperatorOptions options)
    {
        _ = Endpoint(options);
        _ = Settings(options);
        if (options.Identity.Length is 0 or > 253)
            throw new FormatException($"--identity has {options.Identity.Length} letters: 1 to 253, another for each replica");
        if (options.Kubeconfig.Length > 0 && !File.Exists(options.Kubeconfig))
            throw new FormatException($"--kubeconfig {options.Kubeconfig} does not exist");
        if (options.ArmCaFile.Length > 0 && !File.Exists(options.ArmCaFile))
            throw new FormatException($"--arm-ca-file {options.ArmCaFile} does not exist");
        if (options.ArmEndpoint.Length > 0 && (!Uri.TryCreate(options.ArmEndpoint, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps))
            throw new FormatException($"--arm-endpoint '{options.ArmEndpoint}' is not an https address; a bearer token is not sent over http");
        if (!Enum.TryParse<LogLevel>(options.LogLevel, ignoreCase: true, out _))
            throw new FormatException($"--log-level '{options.LogLevel}' is none of Debug, Information, Warning, Error");
        try
        {
            _ = ArmCredentials.ParseMode(options.ArmIdentity);
            return options;
        }
        catch (ArmCredentialException e)
        {
            throw new FormatException($"--arm-identity: {e.Message}", e);
        }
    }

    private static int Number(string name, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new FormatException($"--{name} '{text}' is not a whole number from 1 to {most}");
}

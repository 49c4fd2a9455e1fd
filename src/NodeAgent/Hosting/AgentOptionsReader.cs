using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.ControllerRuntime.Hosting;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>Reads options: <c>--name value</c> or <c>--name=value</c> first, then the environment, then the default.</summary>
internal static class AgentOptionsReader
{
    private static readonly OptionTable<AgentOptions> Table = new(
    [
        new("node-name", "NODE_NAME", "name of this node in Kubernetes (default: the host's name)", (o, v) => o with { NodeName = v }),
        new("socket", AgentPaths.SocketVariable, $"CNI socket (default {AgentPaths.DefaultSocket})", (o, v) => o with { Socket = v }),
        new("run-folder", "VNETCNI_RUN_FOLDER", "folder of checkpoint and lock, on tmpfs (default: the socket's)", (o, v) => o with { RunFolder = v }),
        new("pool", "VNETCNI_POOL", "where addresses come from: kubernetes (default) or file:PATH", (o, v) => o with { Pool = v }),
        new("kubeconfig", "KUBECONFIG", "kubeconfig (default: the pod's service account)", (o, v) => o with { Kubeconfig = v }),
        new("nic", "VNETCNI_NIC", "network interface with the addresses (default: that of the default route)", (o, v) => o with { Nic = v }),
        new("vm-id", "VNETCNI_VM_ID", "this VM's vmId; a pool of another one is ignored (default: the MAC alone decides)", (o, v) => o with { VmId = v }),
        new("veth-prefix", "VNETCNI_VETH_PREFIX", "prefix of host interfaces, 1 to 7 letters (default azv)", (o, v) => o with { VethPrefix = v }),
        new("http", "VNETCNI_HTTP", "address:port of /healthz, /readyz and /metrics (default 0.0.0.0:9468)", (o, v) => o with { Http = v }),
        new("conflist", "VNETCNI_CONFLIST", "file to write the network configuration to when first serving (default: none)", (o, v) => o with { Conflist = v }),
        new("network", "VNETCNI_NETWORK", "name of the network in that file (default vnetcni)", (o, v) => o with { Network = v }),
        new("chained-plugins", "VNETCNI_CHAINED_PLUGINS", "plug-ins after ours in that file, such as portmap,bandwidth; they have to be installed on the node (default: none)", (o, v) => o with { ChainedPlugins = v }),
        new("cri-socket", "VNETCNI_CRI_SOCKET", "socket of the container runtime, or none (default: containerd's, CRI-O's or cri-dockerd's, whichever is there)", (o, v) => o with { CriSocket = v }),
        new("task", "VNETCNI_TASK", "run (default), or clean-up: take everything of ours off this node, then end", (o, v) => o with { Task = v }),
        new("cni-binary", "VNETCNI_CNI_BINARY", "with clean-up: the installed CNI binary to remove (default: none)", (o, v) => o with { CniBinary = v }),
        new("log-level", "VNETCNI_LOG_LEVEL", "Debug, Information, Warning or Error (default Information)", (o, v) => o with { LogLevel = v }),
    ]);

    /// <summary>One line for each option.</summary>
    public static string Usage => "vnetcni agent\n" + Table.Usage;

    /// <summary>Reads and checks. Throws <see cref="FormatException"/> that says which option, what is wrong and what would do.</summary>
    public static AgentOptions Read(IReadOnlyList<string> arguments, Func<string, string?> environment, string hostName)
    {
        var options = Table.Read(new AgentOptions { NodeName = hostName }, arguments, environment);
        return Check(options);
    }

    /// <summary>Address and port of health and metrics.</summary>
    public static IPEndPoint Endpoint(AgentOptions options) =>
        IPEndPoint.TryParse(options.Http, out var endpoint) && options.Http.Contains(':', StringComparison.Ordinal)
            ? endpoint
            : throw new FormatException($"--http '{options.Http}' is not address:port, such as 0.0.0.0:9468");

    private static AgentOptions Check(AgentOptions options)
    {
        _ = Endpoint(options);
        if (options.Task is not ("run" or "clean-up"))
            throw new FormatException($"--task '{options.Task}' is neither run nor clean-up");
        if (options.NodeName.Length is 0 or > 253 || !options.NodeName.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            throw new FormatException($"--node-name '{options.NodeName}' is not a node's name: lower-case letters, digits, '-' and '.'");
        if (options.Pool != "kubernetes" && options.PoolFile is null or "")
            throw new FormatException($"--pool '{options.Pool}' is neither kubernetes nor file:PATH");
        if (options.VethPrefix.Length is 0 or > 7 || !options.VethPrefix.All(char.IsAsciiLetterOrDigit))
            throw new FormatException($"--veth-prefix '{options.VethPrefix}' has to have 1 to 7 letters or digits");
        if (options.Kubeconfig.Length > 0 && options.PoolFile is null && !File.Exists(options.Kubeconfig))
            throw new FormatException($"--kubeconfig {options.Kubeconfig} does not exist");
        if (options.Conflist.Length > 0 && Path.GetExtension(options.Conflist) is not (".conflist" or ".conf"))
            throw new FormatException($"--conflist {options.Conflist} has to end in .conflist, or no runtime reads it");
        _ = ChainedPlugins.Read(options.ChainedPlugins);
        if (!Enum.TryParse<LogLevel>(options.LogLevel, ignoreCase: true, out _))
            throw new FormatException($"--log-level '{options.LogLevel}' is none of Debug, Information, Warning, Error");
        if (options.CriSocket.Length > 0 && options.CriSocket != Cri.CriSocket.None && !IsSocketPath(options.CriSocket))
            throw new FormatException($"--cri-socket '{options.CriSocket}' is neither none nor an absolute path such as {Cri.CriSocket.Usual[0]}");
        try
        {
            var paths = new AgentPaths(options.Socket);
            return options.RunFolder.Length > 0 ? options : options with { RunFolder = paths.Folder };
        }
        catch (CniException e)
        {
            throw new FormatException($"--socket: {e.Message}: {e.Details}", e);
        }
    }

    // sun_path of linux/un.h has 108 bytes with its closing zero.
    private static bool IsSocketPath(string text)
    {
        var path = text.StartsWith("unix://", StringComparison.Ordinal) ? text["unix://".Length..] : text;
        return path.StartsWith('/') && Encoding.UTF8.GetByteCount(path) < 108;
    }
}

using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.CniServer.Config;

namespace Vnetcni.NodeAgent.CniServer.Calls;

/// <summary>A request, read and checked. Owns the namespace until it is taken.</summary>
internal sealed class CniCall(CniEnvironment environment, NetworkConfig config, IPodNamespace? podNamespace, string pod) : IDisposable
{
    private IPodNamespace? _namespace = podNamespace;

    public CniCommand Command => Environment.Command;

    public CniEnvironment Environment { get; } = environment;

    public NetworkConfig Config { get; } = config;

    /// <summary>namespace/name of the pod, or empty.</summary>
    public string Pod { get; } = pod;

    /// <summary>Meaningful for ADD, DEL and CHECK.</summary>
    public Owner Owner { get; } = new(config.Head.Name, environment.ContainerId, environment.InterfaceName);

    /// <summary>The namespace; from now on the caller's to dispose.</summary>
    public IPodNamespace TakeNamespace()
    {
        var taken = _namespace ?? throw new InvalidOperationException($"{Command.Name()} has no namespace, or it is taken");
        _namespace = null;
        return taken;
    }

    public void Dispose()
    {
        _namespace?.Dispose();
        _namespace = null;
    }
}

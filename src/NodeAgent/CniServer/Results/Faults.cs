using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;

namespace Vnetcni.NodeAgent.CniServer.Results;

/// <summary>Turns what a call threw into what the runtime is told.</summary>
internal static class Faults
{
    /// <summary>The CNI error of an exception.</summary>
    public static CniException ToCni(Exception fault) => fault switch
    {
        CniException e => e,
        DataplaneException { Fault: DataplaneFault.InterfaceExists } e => new CniException(CniErrorCode.InterfaceExists, e.Message),
        DataplaneException { Fault: DataplaneFault.BadNamespace } e => new CniException(CniErrorCode.BadNamespace, e.Message),
        DataplaneException e => new CniException(
            CniErrorCode.Dataplane, e.Message, e.Errno == 0 ? "" : $"errno {e.Errno}; the agent's log on this node has more"),
        OperationCanceledException => new CniException(
            CniErrorCode.TryAgainLater, "the vnetcni agent on this node is stopping", "its successor starts at once: try again"),
        _ => new CniException(
            CniErrorCode.Internal, $"unexpected {fault.GetType().Name}: {fault.Message}", "a fault of vnetcni: the agent's log on this node has more"),
    };
}

using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;

namespace Vnetcni.NodeAgent.CniServer.Calls;

/// <summary>
/// Checks the two descriptors of an ADD or CHECK. A wrong one would plumb the host: so the first has to be a network
/// namespace other than the agent's own, and the second an rtnetlink socket that lives inside the first.
/// </summary>
internal static class PodDescriptors
{
    /// <exception cref="CniException">BadNamespace.</exception>
    public static void Check(SafeFileHandle netns, SafeFileHandle rtnetlink, string path)
    {
        if (NetworkNamespaceFile.Identify((int)netns.DangerousGetHandle()) is not { } pod)
            throw Bad("CNI_NETNS is not a network namespace", $"{path}: the descriptor that came with the call is something else");
        if (pod == FileIdentity.Of(NetworkNamespaceFile.Own))
        {
            throw Bad(
                "CNI_NETNS is the agent's own network namespace",
                $"{path} is the node's; a pod with hostNetwork gets no CNI call, so the runtime's configuration is wrong");
        }

        var socket = (int)rtnetlink.DangerousGetHandle();
        if (!NetworkNamespaceFile.IsRouteSocket(socket))
            throw Bad("the second descriptor is not an rtnetlink socket", $"for {path}");
        if (NetworkNamespaceFile.OfSocket(socket) != pod)
            throw Bad("the rtnetlink socket is not of the pod's network namespace", $"for {path}");
    }

    private static CniException Bad(string msg, string details) => new(CniErrorCode.BadNamespace, msg, details);
}

using Vnetcni.AgentProtocol;

namespace Vnetcni.CniBinary.Commands;

/// <summary>What verbs say that can't do without the agent.</summary>
internal static class Away
{
    public static CniException Error(AgentAwayException e) => new(
        CniErrorCode.TryAgainLater,
        "the vnetcni agent on this node does not answer",
        $"{e.Message}; look at the agent's pod on this node (kubectl -n kube-system get pods -o wide) and try again");
}

using Vnetcni.AgentProtocol;

namespace Vnetcni.CniBinary.Commands;

/// <summary>
/// STATUS: the agent's word where it answers. An agent that is away makes the node unready only before it first served on
/// this boot, or after more than <see cref="AliveMark.LongestAbsence"/>: containerd turns a failing STATUS into NotReady
/// within seconds, which would evict healthy pods at each restart of the agent.
/// </summary>
internal static class StatusCommand
{
    // containerd asks every 5 s.
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(2);

    public static Output Run(Invocation invocation, TimeProvider time)
    {
        try
        {
            return Agent.Ask(invocation, [], s_answer, time);
        }
        catch (AgentAwayException e)
        {
            if (AliveMark.AbsenceFault(invocation.Paths.Alive, BootId.Read(), time.GetUtcNow()) is not { } fault)
                return Output.Silent;
            throw new CniException(
                CniErrorCode.NotAvailable, "the vnetcni agent on this node does not serve", $"{fault}; {e.Message}");
        }
    }
}

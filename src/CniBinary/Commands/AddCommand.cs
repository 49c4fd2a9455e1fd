namespace Vnetcni.CniBinary.Commands;

/// <summary>ADD: the namespace's descriptors and stdin go to the agent, its result to stdout.</summary>
internal static class AddCommand
{
    // Covers a restart of the agent. Short of any runtime's own patience.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    // The agent answers within its addTimeout, and the runtime has a limit of its own; this only ends a process that nobody
    // waits for any more.
    private static readonly TimeSpan s_answer = TimeSpan.FromMinutes(5);

    public static Output Run(Invocation invocation)
    {
        using var pod = PodNamespace.Open(invocation.Environment.Netns, invocation.AllowOwnNetns);
        try
        {
            return Agent.AskPatiently(invocation, pod.Descriptors, s_answer, s_patience, TimeProvider.System);
        }
        catch (AgentAwayException e)
        {
            throw Away.Error(e);
        }
    }
}

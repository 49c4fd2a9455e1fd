namespace Vnetcni.CniBinary.Commands;

/// <summary>CHECK: forwarded with the namespace's descriptors.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(60);

    public static Output Run(Invocation invocation)
    {
        using var pod = PodNamespace.Open(invocation.Environment.Netns, invocation.AllowOwnNetns);
        try
        {
            return Agent.Ask(invocation, pod.Descriptors, s_answer, TimeProvider.System);
        }
        catch (AgentAwayException e)
        {
            throw Away.Error(e);
        }
    }
}

namespace Vnetcni.CniBinary.Commands;

/// <summary>GC: forwarded.</summary>
internal static class GcCommand
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(60);

    public static Output Run(Invocation invocation)
    {
        try
        {
            return Agent.Ask(invocation, [], s_answer, TimeProvider.System);
        }
        catch (AgentAwayException e)
        {
            throw Away.Error(e);
        }
    }
}

using System.Text;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Spool;

namespace Vnetcni.CniBinary.Commands;

/// <summary>
/// DEL: forwarded, without the namespace, which may be gone: deleting the host's end of the pair removes the pod's too. When
/// the agent is away, or of a release that does not understand this binary, the DEL is recorded for it and succeeds, so that no pod
/// hangs in Terminating.
/// </summary>
internal static class DelCommand
{
    // A DEL is answered in about 1 ms. An agent that is silent for this long is stuck; it drains the record when it recovers.
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(20);

    public static Output Run(Invocation invocation, TimeProvider time)
    {
        try
        {
            var output = Agent.Ask(invocation, [], s_answer, time);
            if (!output.NotUnderstood)
                return output;
            Record(invocation, time, "the agent does not understand this binary: they are of different releases");
        }
        catch (AgentAwayException e)
        {
            Record(invocation, time, $"the agent is away ({e.Message})");
        }

        return Output.Silent;
    }

    private static void Record(Invocation invocation, TimeProvider time, string why)
    {
        var environment = invocation.Environment;
        var entry = new SpoolEntry(
            BootId.Read(), invocation.Head.Name, environment.ContainerId, environment.InterfaceName, time.GetUtcNow());
        var file = new SpoolFolder(invocation.Paths.Spool).Write(entry);
        StandardStreams.TryWrite(
            StandardStreams.Error, Encoding.UTF8.GetBytes($"vnetcni: {why}; the DEL is recorded in {file}\n"));
    }
}

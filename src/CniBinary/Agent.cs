using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;

namespace Vnetcni.CniBinary;

/// <summary>Forwards an invocation to the agent.</summary>
internal static class Agent
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>One attempt.</summary>
    /// <exception cref="AgentAwayException">The agent can't be reached, or had not answered after <paramref name="timeout"/>.</exception>
    public static Output Ask(Invocation invocation, ReadOnlySpan<int> descriptors, TimeSpan timeout, TimeProvider time)
    {
        var frame = new WireRequest(invocation.Environment, invocation.Config).ToFrame();
        using var connection = AgentConnection.Open(invocation.Paths.Socket, s_connect);
        return ToOutput(connection.Exchange(frame, descriptors, timeout, time));
    }

    /// <summary>
    /// Repeats the connect for as long as <paramref name="patience"/>: a restart of the agent should not fail a pod. What was
    /// sent is not sent again.
    /// </summary>
    /// <exception cref="AgentAwayException">The agent can't be reached, or had not answered after <paramref name="timeout"/>.</exception>
    public static Output AskPatiently(
        Invocation invocation, ReadOnlySpan<int> descriptors, TimeSpan timeout, TimeSpan patience, TimeProvider time)
    {
        var frame = new WireRequest(invocation.Environment, invocation.Config).ToFrame();
        using var connection = OpenPatiently(invocation.Paths.Socket, patience, time);
        return ToOutput(connection.Exchange(frame, descriptors, timeout, time));
    }

    private static AgentConnection OpenPatiently(string socket, TimeSpan patience, TimeProvider time)
    {
        var start = time.GetTimestamp();
        var pause = s_firstPause;
        while (true)
        {
            try
            {
                return AgentConnection.Open(socket, s_connect);
            }
            catch (AgentAwayException e) when (time.GetElapsedTime(start) + pause < patience)
            {
                _ = e;
            }

            Wait(pause);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private static Output ToOutput(WireReply reply) =>
        reply.ExitCode == WireReply.NotUnderstood ? new(1, reply.Output) { NotUnderstood = true } : new(reply.ExitCode, reply.Output);

    // poll without descriptors is a sleep; this process has one thread and nothing else to do.
    private static unsafe void Wait(TimeSpan pause) => _ = Libc.Poll(null, 0, (int)pause.TotalMilliseconds);
}

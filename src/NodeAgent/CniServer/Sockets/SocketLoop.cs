using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer.Calls;
using Vnetcni.NodeAgent.CniServer.Results;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.NodeAgent.CniServer.Sockets;

/// <summary>Bounds of the loop.</summary>
/// <param name="Adds">ADDs that may run, most of them parked; one more is told to try again.</param>
/// <param name="Connections">Connections in all. Beyond, clients wait in the listener's backlog.</param>
/// <param name="Receive">From accept to a whole request.</param>
/// <param name="Crowded">The same while every place is taken and others may wait for one.</param>
/// <param name="Send">For a reply.</param>
/// <param name="Stop">For running calls to end when the server stops.</param>
internal sealed record LoopLimits(int Adds, int Connections, TimeSpan Receive, TimeSpan Crowded, TimeSpan Send, TimeSpan Stop);

/// <summary>
/// One thread that polls all sockets: it accepts, reads, checks and queues calls onto the core's context, watches waiting
/// clients for a hang-up, and writes replies. It never runs a call and never waits for one, so a DEL never queues behind an ADD.
/// </summary>
internal sealed class SocketLoop(
    CniListener listener,
    CniCallReader reader,
    CniCallRunner runner,
    SynchronizationContext core,
    LoopLimits limits,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private const int AcceptPauseMilliseconds = 100;
    private const short HangUp = PollPeerClosed | PollHangUp | PollError;

    private readonly WakeUp _wakeUp = new();
    private readonly Lock _gate = new();
    private readonly Queue<(ClientConnection Client, Answer Answer)> _answers = new();
    private readonly List<ClientConnection> _clients = [];
#pragma warning disable RS0030 // OS adapter: the loop's end is told to a waiter on another thread.
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
#pragma warning restore RS0030
    private Libc.PollEntry[] _entries = new Libc.PollEntry[64];
    private volatile bool _stopping;
    private bool _closed;
    private long _acceptAgain = long.MinValue;

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
#pragma warning disable RS0030 // OS adapter: poll blocks, so it has a thread of its own.
        new Thread(Run) { IsBackground = true, Name = "cni-sockets" }.Start();
#pragma warning restore RS0030
    }

    /// <summary>
    /// Closes the listener, gives up waiting ADDs, lets running calls answer for a while, and ends. Gives the number of calls
    /// that were running.
    /// </summary>
    public Task<int> StopAsync()
    {
        _stopping = true;
        _wakeUp.Ring();
        return _ended.Task;
    }

    /// <summary>After the end.</summary>
    public void Dispose() => _wakeUp.Dispose();

    private void Run()
    {
        while (!_stopping)
            Turn();
        listener.Dispose();
        var running = _clients.Count(client => client.Phase == ConnectionPhase.Running);
        foreach (var client in _clients)
            GiveUp(client, keepRunning: true);
        var until = After(limits.Stop);
        while (_clients.Count > 0 && time.GetTimestamp() < until)
            Turn();
        lock (_gate)
            _closed = true;
        Answer();
        foreach (var client in _clients)
            GiveUp(client, keepRunning: false);
        _ended.SetResult(running);
    }

    private void Turn()
    {
        var crowded = _clients.Count >= limits.Connections;
        var listening = !_stopping && !crowded && time.GetTimestamp() >= _acceptAgain;
        var count = FillEntries(listening);
        Poll(count, crowded);
        if (_entries[0].Returned != 0)
            _wakeUp.Hush();
        var now = time.GetTimestamp();
        for (var i = 0; i < _clients.Count; i++)
            Serve(_clients[i], _entries[i + 2].Returned, now >= _clients[i].DeadlineWhen(crowded), crowded);
        Answer();
        _clients.RemoveAll(client => client.Phase == ConnectionPhase.Closed);
        if (listening && _entries[1].Returned != 0)
            Accept();
    }

    private int FillEntries(bool listening)
    {
        var count = _clients.Count + 2;
        if (_entries.Length < count)
            _entries = new Libc.PollEntry[count * 2];
        _entries[0] = new Libc.PollEntry { Descriptor = _wakeUp.Descriptor, Events = PollIn };
        // poll skips a negative descriptor.
        _entries[1] = new Libc.PollEntry { Descriptor = listening ? listener.Descriptor : -1, Events = PollIn };
        for (var i = 0; i < _clients.Count; i++)
            _entries[i + 2] = new Libc.PollEntry { Descriptor = _clients[i].Descriptor, Events = _clients[i].Interest };
        return count;
    }

    private unsafe void Poll(int count, bool crowded)
    {
        // Deadlines are looked at once a second at the latest.
        var next = _clients.Count == 0 ? long.MaxValue : _clients.Min(client => client.DeadlineWhen(crowded));
        var wait = next == long.MaxValue ? TimeSpan.FromSeconds(1) : time.GetElapsedTime(time.GetTimestamp(), next);
        var milliseconds = (int)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, _acceptAgain > time.GetTimestamp() ? AcceptPauseMilliseconds : 1000);
        fixed (Libc.PollEntry* entries = _entries)
        {
            // EINTR is a turn without events.
            if (Libc.Poll(entries, (nuint)count, milliseconds) < 0)
            {
                for (var i = 0; i < count; i++)
                    entries[i].Returned = 0;
            }
        }
    }

    // What comes or goes bit by bit is no reason to wait for longer: the time counts for those too that are never still.
    private void Serve(ClientConnection client, short returned, bool late, bool crowded)
    {
        switch (client.Phase)
        {
            case ConnectionPhase.Reading:
                if (returned != 0)
                    Read(client);
                if (late && client.Phase == ConnectionPhase.Reading)
                    Refuse(client, null, Late(client, crowded ? limits.Crowded : limits.Receive));
                break;
            case ConnectionPhase.Running when (returned & HangUp) != 0:
                GiveUp(client, keepRunning: false);
                break;
            case ConnectionPhase.Writing:
                if (returned != 0)
                    Write(client);
                if (late && client.Phase == ConnectionPhase.Writing)
                    GiveUp(client, keepRunning: false);
                break;
        }
    }

    // Not a fault of input or output: the client is most likely starved of CPU on a node that starts many pods at once.
    private CniException Late(ClientConnection client, TimeSpan within) => new(
        CniErrorCode.TryAgainLater,
        "the request did not come in time",
        $"{client.Received} bytes of it came within {within.TotalSeconds:0.#} s, {_clients.Count} connections are open; "
        + "the node may be short of CPU (top on the node); the runtime tries again");

    private void Accept()
    {
        while (_clients.Count < limits.Connections)
        {
            var socket = listener.Accept(out var errno);
            if (socket is null)
            {
                // Most likely EMFILE: the listener stays readable, so look away for a moment.
                if (errno != 0)
                {
                    logger.AcceptFailed(SystemCall.Describe(errno), AcceptPauseMilliseconds);
                    _acceptAgain = After(TimeSpan.FromMilliseconds(AcceptPauseMilliseconds));
                }

                return;
            }

            var user = CniListener.UserOf(socket);
            if (user == 0 || (user is not null && user == Libc.EffectiveUser()))
            {
                var client = new ClientConnection(socket, After(limits.Receive), After(limits.Crowded));
                _clients.Add(client);
                Read(client);
            }
            else
            {
                logger.PeerRefused(user ?? uint.MaxValue);
                socket.Dispose();
            }
        }
    }

    private void Read(ClientConnection client)
    {
        string? version = null;
        try
        {
            if (client.Receive() is not { } body)
                return;
            var call = reader.Read(body, client.TakeDescriptors(), client.Truncated, out version);
            if (call.Command == CniCommand.Add && _clients.Count(other => other.IsAdd) >= limits.Adds)
            {
                call.Dispose();
                throw new CniException(
                    CniErrorCode.TryAgainLater, "too many ADDs wait on this node", $"{limits.Adds} wait already; try again");
            }

            client.Run(call.Command == CniCommand.Add);
            core.Post(_ => Forget(RunAsync(client, call)), null);
        }
        catch (EndOfStreamException)
        {
            client.Dispose();
        }
        catch (Exception e)
        {
            Refuse(client, version, Faults.ToCni(e));
        }
    }

    private async Task RunAsync(ClientConnection client, CniCall call)
    {
        var answer = await runner.RunAsync(call, client.Gone);
        lock (_gate)
        {
            if (!_closed)
            {
                _answers.Enqueue((client, answer));
                _wakeUp.Ring();
                return;
            }
        }

        if (answer.Undo is { } made)
            await runner.UndoAsync(made);
    }

    private void Answer()
    {
        while (true)
        {
            (ClientConnection Client, Answer Answer) next;
            lock (_gate)
            {
                if (!_answers.TryDequeue(out next))
                    return;
            }

            if (next.Client.Phase == ConnectionPhase.Closed)
            {
                Undo(next.Answer.Undo);
                continue;
            }

            next.Client.Reply(next.Answer.Reply, next.Answer.Undo, After(limits.Send));
            Write(next.Client);
        }
    }

    private void Write(ClientConnection client)
    {
        try
        {
            if (client.Send())
                client.Dispose();
        }
        catch (EndOfStreamException)
        {
            GiveUp(client, keepRunning: false);
        }
    }

    private void Refuse(ClientConnection client, string? version, CniException error)
    {
        logger.Refused(error.Code, error.Message, error.Details);
        client.Reply(WireReply.Error(version, error), null, After(limits.Send));
        Write(client);
    }

    /// <summary>The client is gone, or has to go: its call is cancelled, its undelivered ADD undone.</summary>
    private void GiveUp(ClientConnection client, bool keepRunning)
    {
        if (client.Phase == ConnectionPhase.Running)
        {
            core.Post(_ => client.CancelCall(), null);
            if (keepRunning)
                return;
        }
        else if (client.Phase == ConnectionPhase.Writing)
        {
            if (keepRunning)
                return;
            Undo(client.Undo);
        }

        client.Dispose();
    }

    private void Undo(MadeAttachment? undelivered)
    {
        if (undelivered is { } made)
            core.Post(_ => Forget(runner.UndoAsync(made)), null);
    }

    // Both tasks handle their own failures.
    private static void Forget(Task task) => _ = task;

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);
}

using Vnetcni.Dataplane.Linux.Netlink;

namespace Vnetcni.Dataplane.Linux.Threads;

/// <summary>
/// A few threads of our own, each with an rtnetlink socket, that take work from one queue: netlink calls block, and under
/// RTNL they may block for long, so they stay off the thread pool. Threads and sockets belong to the network namespace of
/// the thread that constructs this.
/// </summary>
internal sealed class PlumbingThreads : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly Queue<PlumbingJob> _urgent = new();
    private readonly Queue<PlumbingJob> _ordinary = new();
    private readonly List<Thread> _threads = [];
    private readonly NetlinkProbe? _beforeSend;
    private bool _stopping;

    /// <summary>Starts the threads. Throws <see cref="DataplaneException"/> when a socket can't be opened.</summary>
    /// <param name="name">Of the threads.</param>
    /// <param name="count">How many.</param>
    /// <param name="beforeSend">See <see cref="NetlinkSocket.BeforeSend"/>.</param>
    public PlumbingThreads(string name, int count, NetlinkProbe? beforeSend = null)
    {
        _beforeSend = beforeSend;
        // All sockets first: a failure must not leave threads behind.
        var sockets = new List<NetlinkSocket>();
        try
        {
            for (var i = 0; i < count; i++)
                sockets.Add(Open());
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
        foreach (var socket in sockets)
        {
            var thread = new Thread(() => Serve(socket)) { IsBackground = true, Name = $"{name}-{_threads.Count}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>
    /// Queues work; urgent work overtakes ordinary work. A token that fires before the work begins cancels it; work that
    /// has begun runs to its end. The awaiter never runs on a thread of ours.
    /// </summary>
    public Task<T> RunAsync<T>(Func<NetlinkSocket, T> work, bool urgent, CancellationToken cancellationToken)
    {
        var job = new PlumbingJob<T>(work, cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            (urgent ? _urgent : _ordinary).Enqueue(job);
        }
        _ready.Release();
        return job.Task;
    }

    /// <summary>Lets work that has begun finish, cancels the rest, ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _stopping = true;
            foreach (var job in _urgent.Concat(_ordinary))
                job.Cancel();
            _urgent.Clear();
            _ordinary.Clear();
        }
        _ready.Release(_threads.Count);
        foreach (var thread in _threads)
            thread.Join();
        _ready.Dispose();
    }

    private void Serve(NetlinkSocket socket)
    {
        try
        {
            while (Next() is { } job)
            {
                job.Execute(socket);
                if (socket.Suspect)
                    socket = Replace(socket);
            }
        }
        finally
        {
            socket.Dispose();
        }
    }

    private PlumbingJob? Next()
    {
        while (true)
        {
            _ready.Wait();
            lock (_gate)
            {
                if (_stopping)
                    return null;
                if (_urgent.TryDequeue(out var job) || _ordinary.TryDequeue(out job))
                    return job;
            }
        }
    }

    /// <summary>A new socket for one that failed; the old one once more when none can be had now.</summary>
    private NetlinkSocket Replace(NetlinkSocket suspect)
    {
        NetlinkSocket fresh;
        try
        {
            fresh = Open();
        }
        catch (DataplaneException)
        {
            // Out of descriptors, most likely. Late answers are told apart by sequence number, so the old one will do.
            return suspect;
        }
        suspect.Dispose();
        return fresh;
    }

    private NetlinkSocket Open()
    {
        var socket = NetlinkSocket.Open();
        socket.BeforeSend = _beforeSend;
        return socket;
    }
}

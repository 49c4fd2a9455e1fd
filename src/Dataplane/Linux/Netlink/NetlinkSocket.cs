using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink;

/// <summary>Takes one message of a dump. The bytes live only during the call.</summary>
internal delegate void NetlinkMessageHandler(ushort type, ReadOnlySpan<byte> payload);

/// <summary>Sees the messages of one send before they go.</summary>
internal delegate void NetlinkProbe(ReadOnlySpan<byte> messages);

/// <summary>Writes one question.</summary>
internal delegate void NetlinkQuestion(ref NetlinkWriter writer);

/// <summary>
/// A netlink socket: batches with acknowledgements, single questions, dumps. One caller at a time. A failure of the
/// socket itself (not of a message) throws <see cref="DataplaneException"/>.
/// </summary>
internal sealed unsafe partial class NetlinkSocket : IDisposable
{
    /// <summary>The kernel fills datagrams of a dump up to 32 KiB.</summary>
    private const int ReceiveBytes = 32 * 1024;

    /// <summary>rtnetlink answers within the send call; a wait this long means that the answer was lost.</summary>
    private const int TimeoutMilliseconds = 5_000;

    private const int DumpAttempts = 50;

    /// <summary>Acknowledgements are noted as bits of a ulong.</summary>
    public const int MaxBatch = 64;

    /// <summary>Datagrams of others that are dropped while an answer is awaited; who sends more keeps the answer from coming.</summary>
    public const int MaxForeign = 4096;

    private readonly SafeDescriptor _socket;
    private uint _nextSequence = 1;

    private NetlinkSocket(SafeDescriptor socket) => _socket = socket;

    /// <summary>The descriptor.</summary>
    public SafeDescriptor Descriptor => _socket;

    /// <summary>The socket itself failed once: answers may be missing or late, so its owner had better open another.</summary>
    public bool Suspect { get; private set; }

    /// <summary>Called before each send, where set: a test looks, or ends the process between two of them.</summary>
    public NetlinkProbe? BeforeSend { get; set; }

    /// <summary>An rtnetlink socket in the calling thread's network namespace.</summary>
    public static NetlinkSocket Open() => Open(Sockets.NetlinkRoute);

    /// <summary>A socket of a protocol (NETLINK_*) in the calling thread's network namespace.</summary>
    public static NetlinkSocket Open(int protocol)
    {
        var descriptor = LibC.Socket(Sockets.AfNetlink, Sockets.RawCloseOnExec, protocol);
        if (descriptor < 0)
            throw SystemCall("socket(AF_NETLINK)", LibC.LastError);
        return Over(new SafeDescriptor(descriptor));
    }

    /// <summary>A socket that is open already, which is closed with this one.</summary>
    public static NetlinkSocket Over(SafeDescriptor descriptor)
    {
        var socket = new NetlinkSocket(descriptor);
        // Error messages without the request's echo, with the kernel's words, and with filters of dumps applied.
        socket.SetOption(Sockets.CapAck);
        socket.SetOption(Sockets.ExtAck);
        socket.SetOption(Sockets.StrictCheck);
        return socket;
    }

    /// <summary>A socket with somebody else in the kernel's place; it need not be of netlink.</summary>
    internal static NetlinkSocket OverStranger(SafeDescriptor descriptor) => new(descriptor);

    public void Dispose() => _socket.Dispose();

    /// <summary>A writer whose sequence numbers suit this socket.</summary>
    public NetlinkWriter Write(Span<byte> buffer) => new(buffer, _nextSequence);

    /// <summary>Sends a batch in one call and waits for every acknowledgement. Returns the refusals, in the order sent.</summary>
    public IReadOnlyList<NetlinkFailure> Send(scoped in NetlinkWriter batch)
    {
        if (batch.Count is 0 or > MaxBatch)
            throw new InvalidOperationException($"A batch has 1 to {MaxBatch} messages, not {batch.Count}.");
        Transmit(batch);
        var waiting = batch.Count == MaxBatch ? ulong.MaxValue : (1UL << batch.Count) - 1;
        List<NetlinkFailure>? failures = null;
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        try
        {
            while (waiting != 0)
            {
                var messages = new NetlinkMessages(buffer.AsSpan(0, Receive(buffer)));
                while (messages.MoveNext())
                {
                    var index = messages.Header.Sequence - batch.FirstSequence;
                    if (messages.Header.Type != MessageType.Error || index >= (uint)batch.Count || (waiting & (1UL << (int)index)) == 0)
                        continue;
                    waiting &= ~(1UL << (int)index);
                    if (NetlinkFailure.Parse(messages.Header, messages.Payload, (int)index, TypeOf(batch.Written, (int)index)) is { } failure)
                        (failures ??= []).Add(failure);
                }
                RefuseMalformed(messages);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return failures ?? (IReadOnlyList<NetlinkFailure>)[];
    }

    /// <summary>Sends one question; the handler gets the answer. Returns the refusal, or null.</summary>
    public NetlinkFailure? Query(scoped in NetlinkWriter query, NetlinkMessageHandler handler)
    {
        Transmit(query);
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        try
        {
            while (true)
            {
                var messages = new NetlinkMessages(buffer.AsSpan(0, Receive(buffer)));
                while (messages.MoveNext())
                {
                    if (messages.Header.Sequence != query.FirstSequence)
                        continue;
                    if (messages.Header.Type == MessageType.Error)
                    {
                        var type = TypeOf(query.Written, 0);
                        return NetlinkFailure.Parse(messages.Header, messages.Payload, 0, type)
                            ?? new NetlinkFailure(0, type, Errno.BadMessage, "an acknowledgement is no answer");
                    }
                    handler(messages.Header.Type, messages.Payload);
                    return null;
                }
                RefuseMalformed(messages);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Runs a dump. When the kernel says that its tables changed meanwhile (NLM_F_DUMP_INTR), or answers were lost, it is
    /// run anew: <paramref name="restart"/> is called before every attempt.
    /// </summary>
    public void Dump<THeader>(ushort type, THeader header, uint? extMask, string doing, Action restart, NetlinkMessageHandler handler)
        where THeader : unmanaged => Dump(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(type, MessageFlags.Dump, header);
                if (extMask is { } mask)
                    writer.Put(LinkAttribute.ExtMask, mask);
                writer.End();
            },
            doing, restart, handler);

    /// <summary>Runs the dump that <paramref name="question"/> asks for, in at most 512 bytes.</summary>
    public void Dump(NetlinkQuestion question, string doing, Action restart, NetlinkMessageHandler handler)
    {
        Span<byte> bytes = stackalloc byte[512];
        for (var attempt = 0; attempt < DumpAttempts; attempt++)
        {
            restart();
            var writer = Write(bytes);
            question(ref writer);
            Transmit(writer);
            if (ReadDump(writer, doing, handler))
                return;
        }
        throw new DataplaneException(
            DataplaneFault.Kernel, $"{doing}: the kernel's tables changed during each of {DumpAttempts} dumps", Errno.Interrupted);
    }

    /// <summary>Index of an interface in the socket's namespace, or 0. Takes no RTNL lock.</summary>
    public int InterfaceIndex(string name)
    {
        InterfaceRequest request = default;
        if (!System.Text.Encoding.UTF8.TryGetBytes(name, new Span<byte>(request.Name, InterfaceRequest.NameBytes - 1), out _))
            return 0;
        if (LibC.Ioctl(_socket, LibC.IoctlInterfaceIndex, &request) == 0)
            return request.Index;
        return LibC.LastError == Errno.NoDevice ? 0 : throw SystemCall($"SIOCGIFINDEX of {name}", LibC.LastError);
    }

    /// <summary>A failed system call as an exception.</summary>
    public static DataplaneException SystemCall(string call, int errno) =>
        new(DataplaneFault.Kernel, $"{call} failed with {Errno.Describe(errno)}", errno);

    private DataplaneException Broken(string call, int errno)
    {
        Suspect = true;
        return SystemCall(call, errno);
    }

    private bool ReadDump(scoped in NetlinkWriter query, string doing, NetlinkMessageHandler handler)
    {
        var consistent = true;
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        try
        {
            while (true)
            {
                int length;
                try
                {
                    length = Receive(buffer);
                }
                catch (DataplaneException overrun) when (overrun.Errno == Errno.NoBuffers)
                {
                    // The dump goes on in the kernel; read it to its end, then start anew.
                    consistent = false;
                    continue;
                }
                var messages = new NetlinkMessages(buffer.AsSpan(0, length));
                while (messages.MoveNext())
                {
                    if (messages.Header.Sequence != query.FirstSequence)
                        continue;
                    consistent &= (messages.Header.Flags & MessageFlags.DumpInterrupted) == 0;
                    if (messages.Header.Type == MessageType.Error)
                    {
                        var failure = NetlinkFailure.Parse(messages.Header, messages.Payload, 0, TypeOf(query.Written, 0));
                        throw (failure ?? new NetlinkFailure(0, TypeOf(query.Written, 0), Errno.BadMessage, "")).ToException(doing);
                    }
                    if (messages.Header.Type == MessageType.Done)
                    {
                        var error = MemoryMarshal.TryRead(messages.Payload, out int status) ? status : 0;
                        return error >= 0
                            ? consistent
                            : throw new NetlinkFailure(0, TypeOf(query.Written, 0), NetlinkFailure.ErrnoOf(error), "").ToException(doing);
                    }
                    handler(messages.Header.Type, messages.Payload);
                }
                RefuseMalformed(messages);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Transmit(scoped in NetlinkWriter batch)
    {
        BeforeSend?.Invoke(batch.Written);
        _nextSequence = batch.FirstSequence + (uint)batch.Count;
        var bytes = batch.Written;
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var sent = LibC.Send(_socket, start, (nuint)bytes.Length, Sockets.MsgNoSignal);
                if (sent == bytes.Length)
                    return;
                var errno = sent < 0 ? LibC.LastError : Errno.NoBuffers;
                if (errno != Errno.Interrupted)
                    throw Broken("netlink send", errno);
            }
        }
    }

    /// <summary>One datagram of the kernel's; those of other senders are dropped, as many as <see cref="MaxForeign"/>.</summary>
    private int Receive(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            var foreign = 0;
            while (true)
            {
                NetlinkAddress sender = default;
                var senderLength = (uint)Unsafe.SizeOf<NetlinkAddress>();
                var received = LibC.ReceiveFrom(
                    _socket, start, (nuint)buffer.Length, Sockets.MsgDontWait | Sockets.MsgTrunc, &sender, &senderLength);
                if (received > buffer.Length)
                    throw Broken($"netlink receive of {received} bytes", Errno.BadMessage);
                if (received > 0 && sender.PortId == 0)
                    return (int)received;
                if (received > 0 && ++foreign <= MaxForeign)
                    continue;
                if (received > 0)
                    throw Broken($"netlink receive ({MaxForeign} datagrams of somebody else's in place of an answer)", Errno.NoBuffers);
                var errno = received < 0 ? LibC.LastError : Errno.NotConnected;
                if (errno == Errno.Again)
                    WaitReadable();
                else if (errno != Errno.Interrupted)
                    throw Broken("netlink receive", errno);
            }
        }
    }

    private void WaitReadable()
    {
        var added = false;
        try
        {
            _socket.DangerousAddRef(ref added);
            var entry = new PollEntry { Descriptor = (int)_socket.DangerousGetHandle(), Events = Sockets.PollIn };
            var ready = LibC.Poll(&entry, 1, TimeoutMilliseconds);
            if (ready == 0)
                throw Broken($"netlink receive ({TimeoutMilliseconds} ms without an answer)", Errno.TimedOut);
            if (ready < 0 && LibC.LastError != Errno.Interrupted)
                throw Broken("poll", LibC.LastError);
        }
        finally
        {
            if (added)
                _socket.DangerousRelease();
        }
    }

    private void SetOption(int name)
    {
        var on = 1;
        if (LibC.SetSocketOption(_socket, Sockets.SolNetlink, name, &on, sizeof(int)) != 0)
            throw SystemCall($"setsockopt(SOL_NETLINK, {name})", LibC.LastError);
    }

    private void RefuseMalformed(scoped in NetlinkMessages messages)
    {
        if (messages.Malformed)
            throw Broken("netlink receive (lengths do not fit)", Errno.BadMessage);
    }

    private static ushort TypeOf(ReadOnlySpan<byte> batch, int index)
    {
        var messages = new NetlinkMessages(batch);
        for (var i = 0; i <= index; i++)
            messages.MoveNext();
        return messages.Header.Type;
    }
}

using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.NodeAgent.Allocation;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.NodeAgent.CniServer.Sockets;

/// <summary>Where a connection stands.</summary>
internal enum ConnectionPhase
{
    /// <summary>The request is coming in.</summary>
    Reading,

    /// <summary>The call runs; only a hang-up is of interest.</summary>
    Running,

    /// <summary>The reply goes out.</summary>
    Writing,

    /// <summary>Over.</summary>
    Closed,
}

/// <summary>One client: its bytes in and out, without blocking. Touched by the loop's thread alone.</summary>
internal sealed class ClientConnection(SafeFileHandle socket, long deadline, long crowdedDeadline) : IDisposable
{
    private const int FirstBuffer = 4096;

    private readonly CancellationTokenSource _gone = new();
    private List<SafeFileHandle> _descriptors = [];
    private byte[] _buffer = new byte[FirstBuffer];
    private int _filled;
    private ReadOnlyMemory<byte> _reply;

    public int Descriptor => (int)socket.DangerousGetHandle();

    public ConnectionPhase Phase { get; private set; } = ConnectionPhase.Reading;

    /// <summary>TimeProvider timestamp at which reading or writing is given up.</summary>
    public long Deadline { get; private set; } = deadline;

    /// <summary>The same, given whether every place of the server is taken: who says nothing then makes room sooner.</summary>
    public long DeadlineWhen(bool crowded) =>
        crowded && Phase == ConnectionPhase.Reading ? Math.Min(Deadline, crowdedDeadline) : Deadline;

    /// <summary>The kernel dropped descriptors.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Whether the running call is an ADD: those are counted.</summary>
    public bool IsAdd { get; private set; }

    /// <summary>What has to be undone when the reply is not delivered.</summary>
    public MadeAttachment? Undo { get; private set; }

    /// <summary>Fires when the client hangs up while its call runs. Cancelled by <see cref="CancelCall"/> only.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Bytes that have come.</summary>
    public int Received => _filled;

    /// <summary>What poll has to watch for.</summary>
    public short Interest => Phase switch
    {
        ConnectionPhase.Reading => PollIn,
        ConnectionPhase.Writing => PollOut,
        _ => PollPeerClosed,
    };

    /// <summary>Reads what is there. The request's body when it is whole, else null.</summary>
    /// <exception cref="EndOfStreamException">The client hung up.</exception>
    /// <exception cref="CniException">Decode: the bytes are no request.</exception>
    public ReadOnlyMemory<byte>? Receive()
    {
        while (true)
        {
            var read = DescriptorMessage.Receive(
                Descriptor, _buffer.AsSpan(_filled), _descriptors, MessageDontWait, out var truncated);
            Truncated |= truncated;
            if (read == -TryAgain)
                return null;
            if (read <= 0)
                throw new EndOfStreamException();
            // Each message may bring some, and a request may come in as many messages as it has bytes.
            if (_descriptors.Count > DescriptorMessage.MostReceived)
                throw Refused($"more than {DescriptorMessage.MostReceived} descriptors came");
            _filled += read;
            if (_filled < WireLimits.LengthBytes)
                continue;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer);
            RequireLength(length);
            var total = WireLimits.LengthBytes + (int)length;
            if (_filled == total)
                return _buffer.AsMemory(WireLimits.LengthBytes, (int)length);

            // Grows with what has really come, not with what was announced.
            if (_filled == _buffer.Length)
                Array.Resize(ref _buffer, Math.Min(total, _buffer.Length * 2));
        }
    }

    /// <summary>Hands the descriptors over.</summary>
    public IReadOnlyList<SafeFileHandle> TakeDescriptors()
    {
        var taken = _descriptors;
        _descriptors = [];
        return taken;
    }

    public void Run(bool isAdd)
    {
        Phase = ConnectionPhase.Running;
        IsAdd = isAdd;
        Deadline = long.MaxValue;
        _buffer = [];
    }

    /// <summary>Starts the reply.</summary>
    public void Reply(WireReply reply, MadeAttachment? undo, long until)
    {
        Phase = ConnectionPhase.Writing;
        IsAdd = false;
        Undo = undo;
        Deadline = until;
        _reply = reply.ToFrame();
    }

    /// <summary>Writes what fits. True when all is out; false when more is to go.</summary>
    /// <exception cref="EndOfStreamException">The client hung up.</exception>
    public bool Send()
    {
        while (!_reply.IsEmpty)
        {
            var sent = DescriptorMessage.Send(Descriptor, _reply.Span, [], MessageDontWait);
            if (sent == -TryAgain)
                return false;
            if (sent < 0)
                throw new EndOfStreamException();
            _reply = _reply[sent..];
        }

        Undo = null;
        return true;
    }

    /// <summary>To be called on the core's context: continuations of the call run inside it.</summary>
    public void CancelCall() => _gone.Cancel();

    public void Dispose()
    {
        Phase = ConnectionPhase.Closed;
        socket.Dispose();
        foreach (var descriptor in TakeDescriptors())
            descriptor.Dispose();
    }

    private void RequireLength(uint length)
    {
        if (length is 0 or > WireLimits.Request)
            throw Refused($"{length} bytes were announced, 1 to {WireLimits.Request} are taken");
        if (_filled > WireLimits.LengthBytes + (int)length)
            throw Refused("more bytes came than were announced");
    }

    private static CniException Refused(string why) => new(CniErrorCode.Decode, "the agent can't read the request", why);
}

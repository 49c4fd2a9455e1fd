using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.CniBinary;

/// <summary>The agent can't be reached or went away without an answer. The message says why.</summary>
internal sealed class AgentAwayException(string message) : Exception(message);

/// <summary>One blocking exchange with the agent.</summary>
internal sealed unsafe class AgentConnection : IDisposable
{
    private readonly SafeFileHandle _socket;

    private AgentConnection(SafeFileHandle socket) => _socket = socket;

    private int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary>Connects; waits at most <paramref name="timeout"/> for a place in a full backlog.</summary>
    /// <exception cref="AgentAwayException">Nobody listens.</exception>
    public static AgentConnection Open(string path, TimeSpan timeout)
    {
        var fd = Libc.Socket(AddressFamilyUnix, SocketStream | CloseOnExec, 0);
        if (fd < 0)
            throw new CniException(CniErrorCode.Io, "no socket", SystemCall.Describe(Marshal.GetLastPInvokeError()));
        var connection = new AgentConnection(new SafeFileHandle(fd, ownsHandle: true));
        connection.SetTimeout(OptionSendTimeout, timeout);
        Span<byte> address = stackalloc byte[UnixAddress.Size];
        var length = UnixAddress.Write(path, address);
        int result;
        fixed (byte* data = address)
        {
            do
                result = Libc.Connect(fd, data, length);
            while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }

        if (result == 0)
            return connection;
        var errno = Marshal.GetLastPInvokeError();
        connection.Dispose();
        throw new AgentAwayException($"connect {path}: {SystemCall.Describe(errno)}");
    }

    /// <summary>Sends a request, its descriptors with the first byte, and waits for the reply.</summary>
    /// <exception cref="AgentAwayException">The agent hung up, or had not answered whole after <paramref name="timeout"/>.</exception>
    public WireReply Exchange(ReadOnlySpan<byte> frame, ReadOnlySpan<int> descriptors, TimeSpan timeout, TimeProvider time)
    {
        while (!frame.IsEmpty)
        {
            var sent = DescriptorMessage.Send(Descriptor, frame, descriptors, 0);
            if (sent < 0)
                throw new AgentAwayException($"send: {SystemCall.Describe(-sent)}");
            frame = frame[sent..];
            descriptors = default;
        }

        var start = time.GetTimestamp();
        Span<byte> prefix = stackalloc byte[WireLimits.LengthBytes];
        Fill(prefix, timeout, time, start);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > WireLimits.Reply)
            throw new CniException(CniErrorCode.Io, "the agent's reply is too long", $"{length} bytes, at most {WireLimits.Reply} are read");
        var body = new byte[length];
        Fill(body, timeout, time, start);
        return WireReply.Parse(body);
    }

    public void Dispose() => _socket.Dispose();

    private void Fill(Span<byte> buffer, TimeSpan timeout, TimeProvider time, long start)
    {
        while (!buffer.IsEmpty)
        {
            // A time limit of the socket is for one read, and an agent may send a byte now and then.
            var left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                throw Late(timeout);
            SetTimeout(OptionReceiveTimeout, left);
            nint read;
            fixed (byte* data = buffer)
                read = Libc.Read(Descriptor, data, buffer.Length);
            if (read > 0)
            {
                buffer = buffer[(int)read..];
                continue;
            }

            var errno = read == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno == Interrupted)
                continue;
            throw errno switch
            {
                0 => new AgentAwayException("the agent ended before it answered"),
                TryAgain => Late(timeout),
                _ => new AgentAwayException($"read: {SystemCall.Describe(errno)}"),
            };
        }
    }

    private static AgentAwayException Late(TimeSpan timeout) => new($"the agent did not answer within {timeout.TotalSeconds} s");

    private void SetTimeout(int option, TimeSpan timeout)
    {
        // struct timeval: seconds, microseconds; all zero would be for ever.
        var value = stackalloc long[] { (long)timeout.TotalSeconds, Math.Max(1, timeout.Microseconds + (timeout.Milliseconds * 1000L)) };
        _ = Libc.SetOption(Descriptor, LevelSocket, option, value, 2 * sizeof(long));
    }
}

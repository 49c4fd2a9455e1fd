using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.Lab.Churn;

/// <summary>
/// Calls the agent by its own protocol, as the CNI binary does, without the process: fork and exec would cost more than the call.
/// Blocks its thread.
/// </summary>
internal sealed unsafe class ChurnClient(string socket)
{
    private const int AnswerSeconds = 60;
    private static readonly byte[] Config = Encoding.UTF8.GetBytes("""{"cniVersion":"1.0.0","name":"churn","type":"vnetcni"}""");

    /// <summary>One call. Throws <see cref="IOException"/> when the agent is away, ends meanwhile, or is silent for a minute.</summary>
    public WireReply Call(CniCommand command, string containerId, string netns, ReadOnlySpan<int> descriptors)
    {
        var frame = new WireRequest(new CniEnvironment(command, containerId, "eth0", netns, "/opt/cni/bin", ""), Config).ToFrame();
        using var connection = Connect();
        var fd = (int)connection.DangerousGetHandle();
        var sent = DescriptorMessage.Send(fd, frame, descriptors, 0);
        if (sent != frame.Length)
            throw new IOException($"{sent} of {frame.Length} bytes sent");
        Span<byte> prefix = stackalloc byte[WireLimits.LengthBytes];
        Fill(fd, prefix);
        var body = new byte[BinaryPrimitives.ReadUInt32LittleEndian(prefix)];
        Fill(fd, body);
        return WireReply.Parse(body);
    }

    private SafeFileHandle Connect()
    {
        var fd = Libc.Socket(AddressFamilyUnix, SocketStream | CloseOnExec, 0);
        if (fd < 0)
            throw SystemCall.Failed("socket");
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        var patience = stackalloc long[] { AnswerSeconds, 0 };
        _ = Libc.SetOption(fd, LevelSocket, OptionReceiveTimeout, patience, 2 * sizeof(long));
        Span<byte> address = stackalloc byte[UnixAddress.Size];
        var length = UnixAddress.Write(socket, address);
        int result;
        fixed (byte* data = address)
        {
            do
                result = Libc.Connect(fd, data, length);
            while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }

        if (result == 0)
            return handle;
        handle.Dispose();
        throw SystemCall.Failed($"connect {socket}");
    }

    private static void Fill(int fd, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint read;
            fixed (byte* data = buffer)
                read = Libc.Read(fd, data, buffer.Length);
            // A read with a time limit is not restarted after a signal, which the runtime's collector sends.
            if (read < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                continue;
            if (read <= 0)
                throw new IOException(read == 0 ? "the agent ended before it answered" : $"no answer within {AnswerSeconds} s, or the connection broke");
            buffer = buffer[(int)read..];
        }
    }
}

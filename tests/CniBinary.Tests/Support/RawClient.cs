using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>Speaks to the socket byte by byte, well or badly.</summary>
public sealed unsafe class RawClient : IDisposable
{
    private readonly SafeFileHandle _socket;

    public RawClient(AgentPaths paths)
    {
        _socket = new SafeFileHandle(Libc.Socket(AddressFamilyUnix, SocketStream | CloseOnExec, 0), ownsHandle: true);
        Span<byte> address = stackalloc byte[UnixAddress.Size];
        var length = UnixAddress.Write(paths.Socket, address);
        fixed (byte* data = address)
            Assert.Equal(0, Libc.Connect(Descriptor, data, length));
        var timeout = stackalloc long[] { 10, 0 };
        Assert.Equal(0, Libc.SetOption(Descriptor, LevelSocket, OptionReceiveTimeout, timeout, 16));
    }

    public int Descriptor => (int)_socket.DangerousGetHandle();

    public static byte[] Frame(CniCommand command, string id, string config, string netns = "/run/netns/x") => new WireRequest(
        new CniEnvironment(command, id, "eth0", netns, "/opt/cni/bin", ""), Encoding.UTF8.GetBytes(config)).ToFrame();

    public static byte[] Prefixed(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var frame = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)bytes.Length);
        bytes.CopyTo(frame, 4);
        return frame;
    }

    public RawClient Send(ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> descriptors)
    {
        Assert.Equal(bytes.Length, DescriptorMessage.Send(Descriptor, bytes, descriptors, 0));
        return this;
    }

    /// <summary>The reply; null when the server hung up without one.</summary>
    public WireReply? Receive()
    {
        var all = new List<byte>();
        Span<byte> buffer = new byte[64 * 1024];
        while (true)
        {
            nint read;
            fixed (byte* data = buffer)
                read = Libc.Read(Descriptor, data, buffer.Length);
            // A read with a time limit is not restarted after a signal, which the runtime's collector sends.
            if (read < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                continue;
            if (read <= 0)
                break;
            all.AddRange(buffer[..(int)read]);
        }

        return all.Count <= 4 ? null : WireReply.Parse(all.Skip(4).ToArray());
    }

    public JsonElement ReceiveError()
    {
        var reply = Receive();
        Assert.NotNull(reply);
        Assert.NotEqual(0, reply.ExitCode);
        return JsonDocument.Parse(reply.Output).RootElement;
    }

    public void Dispose() => _socket.Dispose();
}

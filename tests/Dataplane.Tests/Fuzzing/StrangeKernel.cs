using System.Runtime.InteropServices;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Fuzzing;

/// <summary>
/// Stands in the kernel's place: all that it has to say is said before it is asked, and then it hangs up. What production reads is a real
/// socket, of datagrams.
/// </summary>
internal sealed unsafe partial class StrangeKernel : IDisposable
{
    private const int Unix = 1;
    private const int SequencedNonBlocking = 5 | 0x800 | 0x80000;
    private const int ShutWrite = 1;

    private readonly SafeDescriptor _end;

    public StrangeKernel(IEnumerable<byte[]> datagrams)
    {
        var pair = stackalloc int[2];
        Assert.Equal(0, SocketPair(Unix, SequencedNonBlocking, 0, pair));
        Socket = NetlinkSocket.OverStranger(new SafeDescriptor(pair[0]));
        _end = new SafeDescriptor(pair[1]);
        foreach (var datagram in datagrams)
        {
            // A full queue ends what is said sooner.
            fixed (byte* bytes = datagram)
                _ = LibC.Send(_end, bytes, (nuint)datagram.Length, Sockets.MsgNoSignal);
        }
        Assert.Equal(0, Shutdown(pair[1], ShutWrite));
    }

    /// <summary>Who asks.</summary>
    public NetlinkSocket Socket { get; }

    /// <summary>What the real kernel answers to all that a call asks, datagram by datagram, with the sequence numbers of a new socket.</summary>
    public static List<byte[]> Answers(int protocol, Action<NetlinkSocket> call)
    {
        var answers = new List<byte[]>();
        using var asked = NetlinkSocket.Open(protocol);
        asked.BeforeSend = request => answers.AddRange(Ask(protocol, request));
        call(asked);
        return answers;
    }

    /// <summary>Sends as many datagrams to a netlink socket as it takes, until it is closed; not as the kernel.</summary>
    public static void Flood(NetlinkSocket from, uint port)
    {
        var address = new NetlinkAddress { Family = Sockets.AfNetlink, PortId = port };
        Assert.Equal(0, Connect(from.Descriptor, &address, (uint)sizeof(NetlinkAddress)));
        var message = stackalloc byte[] { 16, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
        while (LibC.Send(from.Descriptor, message, 16, 0) == 16)
        {
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        _end.Dispose();
    }

    private static List<byte[]> Ask(int protocol, ReadOnlySpan<byte> request)
    {
        using var socket = NetlinkSocket.Open(protocol);
        fixed (byte* bytes = request)
            Assert.Equal(request.Length, LibC.Send(socket.Descriptor, bytes, (nuint)request.Length, 0));
        var awaited = new HashSet<uint>();
        var dumps = new HashSet<uint>();
        var requests = new NetlinkMessages(request);
        while (requests.MoveNext())
        {
            // Of a batch those that ask for it are answered; a question is alone.
            if ((requests.Header.Flags & MessageFlags.Ack) != 0 || requests.Header.Length == request.Length)
                ((requests.Header.Flags & (MessageFlags.Dump | MessageFlags.Ack)) == MessageFlags.Dump ? dumps : awaited).Add(requests.Header.Sequence);
        }
        var answers = new List<byte[]>();
        var buffer = new byte[64 * 1024];
        while (awaited.Count + dumps.Count > 0)
        {
            nint received;
            fixed (byte* bytes = buffer)
                received = LibC.ReceiveFrom(socket.Descriptor, bytes, (nuint)buffer.Length, 0, null, null);
            Assert.InRange(received, 1, buffer.Length);
            answers.Add(buffer[..(int)received]);
            var messages = new NetlinkMessages(answers[^1]);
            while (messages.MoveNext())
            {
                awaited.Remove(messages.Header.Sequence);
                if (messages.Header.Type is MessageType.Done or MessageType.Error)
                    dumps.Remove(messages.Header.Sequence);
            }
        }
        return answers;
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(SafeDescriptor socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(int socket, int how);
}

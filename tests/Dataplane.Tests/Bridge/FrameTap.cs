using System.Net.Sockets;
using System.Runtime.InteropServices;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.Dataplane.Tests.Bridge;

/// <summary>Sees every frame that arrives in a namespace, as Azure's fabric would.</summary>
internal sealed partial class FrameTap : IDisposable
{
    private const int Outgoing = 4;
    private readonly Socket _socket;

    public FrameTap(TestNetns space) =>
        _socket = space.Run(() => new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)0x0300) { ReceiveBufferSize = 4 << 20 });

    /// <summary>Frames since the last call that were not sent by the namespace itself: whole, link header first.</summary>
    public IReadOnlyList<byte[]> Take()
    {
        var frames = new List<byte[]>();
        var buffer = new byte[4096];
        while (_socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
        {
            var address = new byte[20];
            var length = Receive(buffer, address);
            // struct sockaddr_ll: sll_pkttype at 10.
            if (length >= 14 && address[10] != Outgoing)
                frames.Add(buffer[..length]);
        }
        return frames;
    }

    /// <summary>The MAC that a frame comes from, lower case with colons.</summary>
    public static string SourceOf(byte[] frame) => string.Join(':', frame[6..12].Select(value => value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));

    public void Dispose() => _socket.Dispose();

    private unsafe int Receive(byte[] buffer, byte[] address)
    {
        var length = (uint)address.Length;
        fixed (byte* bytes = buffer, name = address)
            return (int)ReceiveFrom((int)_socket.Handle, bytes, (nuint)buffer.Length, 0, name, &length);
    }

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static unsafe partial nint ReceiveFrom(int descriptor, byte* buffer, nuint length, int flags, byte* address, uint* addressLength);
}

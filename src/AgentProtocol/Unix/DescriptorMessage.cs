using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Sends and receives bytes with descriptors (SCM_RIGHTS) over a unix socket.</summary>
/// <remarks>Source: https://man7.org/linux/man-pages/man7/unix.7.html, https://man7.org/linux/man-pages/man3/cmsg.3.html</remarks>
internal static unsafe class DescriptorMessage
{
    /// <summary>Descriptors taken in one message; the kernel drops more and says so.</summary>
    public const int MostReceived = 8;

    // struct cmsghdr: size_t length, int level, int type.
    private const int HeaderBytes = 16;

    /// <summary>One sendmsg. Gives the bytes taken, or minus errno.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors, int flags)
    {
        var payload = descriptors.Length * sizeof(int);
        Span<byte> control = stackalloc byte[HeaderBytes + ((payload + 7) & ~7)];
        control.Clear();
        MemoryMarshal.Write(control, (nint)(HeaderBytes + payload));
        MemoryMarshal.Write(control[8..], LevelSocket);
        MemoryMarshal.Write(control[12..], ControlRights);
        MemoryMarshal.AsBytes(descriptors).CopyTo(control[HeaderBytes..]);
        fixed (byte* data = bytes)
        fixed (byte* controlData = control)
        {
            var vector = new Libc.Vector { Base = data, Length = bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                message.Control = controlData;
                message.ControlLength = control.Length;
            }

            nint sent;
            do
                sent = Libc.SendMessage(socket, &message, flags | MessageNoSignal);
            while (sent < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return sent < 0 ? -Marshal.GetLastPInvokeError() : (int)sent;
        }
    }

    /// <summary>
    /// One recvmsg. Gives the bytes read (0 = end), or minus errno. Descriptors that came along are added to
    /// <paramref name="descriptors"/>, close-on-exec.
    /// </summary>
    public static int Receive(int socket, Span<byte> buffer, List<SafeFileHandle> descriptors, int flags, out bool truncated)
    {
        Span<byte> control = stackalloc byte[HeaderBytes + (MostReceived * sizeof(int))];
        control.Clear();
        fixed (byte* data = buffer)
        fixed (byte* controlData = control)
        {
            var vector = new Libc.Vector { Base = data, Length = buffer.Length };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = controlData,
                ControlLength = control.Length,
            };
            nint read;
            do
                read = Libc.ReceiveMessage(socket, &message, flags | MessageCloseOnExec);
            while (read < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            truncated = false;
            if (read < 0)
                return -Marshal.GetLastPInvokeError();
            truncated = (message.Flags & MessageControlTruncated) != 0;
            Take(control[..(int)Math.Min(message.ControlLength, control.Length)], descriptors);
            return (int)read;
        }
    }

    private static void Take(ReadOnlySpan<byte> control, List<SafeFileHandle> descriptors)
    {
        while (control.Length >= HeaderBytes)
        {
            var length = (int)MemoryMarshal.Read<nint>(control);
            if (length < HeaderBytes || length > control.Length)
                return;
            var rights = MemoryMarshal.Read<int>(control[8..]) == LevelSocket
                && MemoryMarshal.Read<int>(control[12..]) == ControlRights;
            if (rights)
            {
                foreach (var fd in MemoryMarshal.Cast<byte, int>(control[HeaderBytes..length]))
                    descriptors.Add(new SafeFileHandle(fd, ownsHandle: true));
            }

            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }
    }
}

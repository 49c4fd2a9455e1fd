using System.Runtime.InteropServices;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Files of mode 0600 from the first instant.</summary>
internal static unsafe class PrivateFile
{
    public const uint OwnerOnly = 0x180; // 0600

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="IOException">With errno in words.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var fd = Libc.Open(path, WriteOnly | Create | Truncate | CloseOnExec, OwnerOnly);
        if (fd < 0)
            throw SystemCall.Failed("open");
        try
        {
            WriteAll(fd, bytes);
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    /// <summary>Writes all bytes to a descriptor.</summary>
    /// <exception cref="IOException">With errno in words.</exception>
    public static void WriteAll(int fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written;
            fixed (byte* data = bytes)
                written = Libc.Write(fd, data, bytes.Length);
            if (written > 0)
                bytes = bytes[(int)written..];
            else if (Marshal.GetLastPInvokeError() != Interrupted)
                throw SystemCall.Failed("write");
        }
    }
}

using System.Runtime.InteropServices;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;

namespace Vnetcni.CniBinary;

/// <summary>stdin, stdout and stderr without System.Console, which would cost a third of the start.</summary>
internal static unsafe class StandardStreams
{
    public const int Out = 1;
    public const int Error = 2;

    /// <summary>All of stdin; nothing when it is a terminal or closed.</summary>
    /// <exception cref="CniException">Decode: longer than a configuration may be. Io: read failed.</exception>
    public static ReadOnlyMemory<byte> ReadInput()
    {
        if (Libc.IsATty(0) == 1)
            return ReadOnlyMemory<byte>.Empty;
        var buffer = new byte[8 * 1024];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length > WireLimits.Config)
                {
                    throw new CniException(
                        CniErrorCode.Decode, "the network configuration is too long", $"at most {WireLimits.Config} bytes are read from stdin");
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            nint read;
            fixed (byte* data = buffer)
                read = Libc.Read(0, data + length, buffer.Length - length);
            if (read == 0)
                return buffer.AsMemory(0, length);
            if (read > 0)
            {
                length += (int)read;
                continue;
            }

            var errno = Marshal.GetLastPInvokeError();
            if (errno == LibcConstants.Interrupted)
                continue;
            if (errno == 9) // EBADF: the runtime gave no stdin.
                return ReadOnlyMemory<byte>.Empty;
            throw new CniException(CniErrorCode.Io, "stdin can't be read", SystemCall.Describe(errno));
        }
    }

    /// <summary>Writes all; false when the other end is gone, of which nobody can be told.</summary>
    public static bool TryWrite(int descriptor, ReadOnlySpan<byte> text)
    {
        try
        {
            PrivateFile.WriteAll(descriptor, text);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

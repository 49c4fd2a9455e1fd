using System.Runtime.InteropServices;
using System.Text;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Device and inode: two descriptors with the same are the same file, or the same namespace.</summary>
/// <param name="Device">stx_dev.</param>
/// <param name="Inode">stx_ino.</param>
/// <remarks>Layout: https://man7.org/linux/man-pages/man2/statx.2.html (the same on every architecture).</remarks>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>Of an open descriptor; null when the call fails.</summary>
    public static FileIdentity? Of(int descriptor) => Stat(descriptor, "", AtEmptyPath);

    /// <summary>Of what a path leads to; null when it leads nowhere.</summary>
    public static FileIdentity? Of(string path) => Stat(AtCurrentFolder, path, 0);

    private static unsafe FileIdentity? Stat(int folder, string path, int flags)
    {
        Span<byte> name = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, name);
        Span<byte> result = stackalloc byte[256];
        fixed (byte* nameData = name)
        fixed (byte* data = result)
        {
            if (Libc.Statx(folder, nameData, flags, StatxInode, data) != 0)
                return null;
        }

        var inode = MemoryMarshal.Read<ulong>(result[32..]);
        var major = MemoryMarshal.Read<uint>(result[136..]);
        var minor = MemoryMarshal.Read<uint>(result[140..]);
        return new FileIdentity(((ulong)major << 32) | minor, inode);
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Namespaces;

/// <summary>Tells what a descriptor is, before anything is done with it.</summary>
internal static unsafe class NamespaceIdentity
{
    /// <summary>NSFS_MAGIC of linux/magic.h.</summary>
    public const long NsfsMagic = 0x6e736673;

    /// <summary>sizeof(struct statx), linux/stat.h, and where stx_ino lies in it.</summary>
    public const int StatxBytes = 256;

    public const int StatxInodeOffset = 32;

    /// <summary>sizeof(struct statfs) on 64-bit Linux; f_type is its first long.</summary>
    public const int StatFsBytes = 120;

    /// <summary>Inode of a network namespace's descriptor; throws BadNamespace when it is anything else.</summary>
    public static ulong RequireNetwork(SafeDescriptor descriptor, string path)
    {
        var file = stackalloc byte[StatFsBytes];
        if (LibC.FStatFs(descriptor, file) != 0)
            throw Bad($"fstatfs of {path} failed with {Errno.Describe(LibC.LastError)}", LibC.LastError);
        var magic = MemoryMarshal.Read<long>(new ReadOnlySpan<byte>(file, sizeof(long)));
        if (magic != NsfsMagic)
            throw Bad($"{path} is not a namespace (file system 0x{magic:x}, nsfs is 0x{NsfsMagic:x})");
        var type = LibC.Ioctl(descriptor, LibC.IoctlNamespaceType, null);
        if (type != LibC.CloneNewNet)
            throw Bad($"{path} is a namespace of another type than network (0x{type:x})");
        return Inode(descriptor, path);
    }

    /// <summary>Inode of the namespace that a netlink route socket was opened in; throws BadNamespace for other descriptors.</summary>
    public static ulong OfSocket(SafeDescriptor socket, string path)
    {
        if (Option(socket, Sockets.SoDomain) != Sockets.AfNetlink || Option(socket, Sockets.SoProtocol) != Sockets.NetlinkRoute)
            throw Bad($"the second descriptor for {path} is not an rtnetlink socket");
        var descriptor = LibC.Ioctl(socket, LibC.IoctlSocketNamespace, null);
        if (descriptor < 0)
            throw Bad($"SIOCGSKNS on the socket for {path} failed with {Errno.Describe(LibC.LastError)}", LibC.LastError);
        using var handle = new SafeDescriptor(descriptor);
        return Inode(handle, path);
    }

    /// <summary>Inode of the process's own network namespace.</summary>
    public static ulong OfProcess()
    {
        using var own = Open("/proc/self/ns/net");
        return Inode(own, "/proc/self/ns/net");
    }

    /// <summary>Opens a namespace file; throws BadNamespace when it is not there.</summary>
    public static SafeDescriptor Open(string path)
    {
        var descriptor = LibC.Open(path, LibC.OReadOnlyCloseOnExec);
        return descriptor >= 0
            ? new SafeDescriptor(descriptor)
            : throw Bad($"opening {path} failed with {Errno.Describe(LibC.LastError)}", LibC.LastError);
    }

    public static DataplaneException Bad(string message, int errno = 0) => new(DataplaneFault.BadNamespace, message, errno);

    private static ulong Inode(SafeDescriptor descriptor, string path)
    {
        var result = stackalloc byte[StatxBytes];
        byte empty = 0;
        if (LibC.Statx(descriptor, &empty, LibC.AtEmptyPath, LibC.StatxIno, result) != 0)
            throw Bad($"statx of {path} failed with {Errno.Describe(LibC.LastError)}", LibC.LastError);
        return BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(result + StatxInodeOffset, sizeof(ulong)));
    }

    private static int Option(SafeDescriptor socket, int name)
    {
        var value = -1;
        uint length = sizeof(int);
        return LibC.GetSocketOption(socket, Sockets.SolSocket, name, &value, &length) == 0 ? value : -1;
    }
}

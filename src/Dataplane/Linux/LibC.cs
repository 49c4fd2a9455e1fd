using System.Runtime.InteropServices;

namespace Vnetcni.Dataplane.Linux;

/// <summary>The system calls we need. A descriptor travels as a register-wide integer; the C side reads its low 32 bits.</summary>
internal static unsafe partial class LibC
{
    public const int AtEmptyPath = 0x1000;
    public const int OReadOnlyCloseOnExec = 0x80000;
    public const int StatxIno = 0x100;
    public const int CloneNewNet = 0x40000000;

    /// <summary>NS_GET_NSTYPE of linux/nsfs.h.</summary>
    public const int IoctlNamespaceType = 0xb703;

    /// <summary>SIOCGSKNS of linux/sockios.h: a descriptor of the socket's network namespace.</summary>
    public const int IoctlSocketNamespace = 0x894c;

    /// <summary>SIOCGIFINDEX of linux/sockios.h.</summary>
    public const int IoctlInterfaceIndex = 0x8933;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SafeDescriptor socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeDescriptor socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(SafeDescriptor socket, byte* bytes, nuint length, int flags, void* address, uint* addressLength);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(void* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(SafeDescriptor socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(SafeDescriptor socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeDescriptor descriptor, void* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(SafeDescriptor descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int FStatFs(SafeDescriptor descriptor, void* result);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(SafeDescriptor directory, byte* path, int flags, uint mask, void* result);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(SafeDescriptor descriptor, int type);

    /// <summary>errno of the call just made.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();
}

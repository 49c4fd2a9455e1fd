using System.Runtime.InteropServices;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>
/// A pod's network namespace, made by system calls: a process of <c>ip netns</c> for each would cost more than the ADD. The same
/// file under /run/netns comes of it.
/// </summary>
internal static partial class SandboxNamespace
{
    private const int CloneNewNet = 0x40000000;
    private const ulong MsBind = 4096;
    private const int MntDetach = 2;
    private const int InterfaceUp = 1;
    private const nuint SetInterfaceFlags = 0x8914;
    private const int Inet = 2;
    private const int Datagram = 2;

    /// <summary>Makes it with its loopback up, on a thread of its own that ends with it.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static Task CreateAsync(string path)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Create(path);
                done.SetResult();
            }
            catch (IOException e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "sandbox" };
        thread.Start();
        return done.Task;
    }

    /// <summary>Takes the file away; the kernel ends the namespace with its last user. One that is gone is no error.</summary>
    public static void Delete(string path)
    {
        _ = Umount(path, MntDetach);
        File.Delete(path);
    }

    private static void Create(string path)
    {
        File.Create(path).Dispose();
        Demand(Unshare(CloneNewNet), "unshare");
        Demand(Mount("/proc/thread-self/ns/net", path, "none", MsBind, 0), "mount");
        var socket = OpenSocket(Inet, Datagram, 0);
        Demand(socket, "socket");
        try
        {
            Demand(SetFlags(socket, SetInterfaceFlags, new InterfaceFlags()), "ioctl");
        }
        finally
        {
            _ = Close(socket);
        }
    }

    private static unsafe int SetFlags(int socket, nuint request, InterfaceFlags flags)
    {
        flags.Name[0] = (byte)'l';
        flags.Name[1] = (byte)'o';
        flags.Flags = InterfaceUp;
        return Ioctl(socket, request, &flags);
    }

    private static void Demand(int result, string call)
    {
        if (result < 0)
            throw new IOException($"{call} of a sandbox: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    // struct ifreq: a name of IFNAMSIZ bytes and a union of 24, of which the flags are the first two (linux/if.h).
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private unsafe struct InterfaceFlags
    {
        public fixed byte Name[16];
        public short Flags;
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, ulong flags, nint data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Umount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    // No variadic call on x86-64 and arm64 Linux differs from this one in its three register arguments.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int Ioctl(int descriptor, nuint request, void* argument);
}

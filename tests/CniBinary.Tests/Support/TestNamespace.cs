using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol.Unix;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>A network namespace of a test's own, reached by a path through this process's descriptor; no mount is made.</summary>
public sealed partial class TestNamespace : IDisposable
{
    private readonly SafeFileHandle _netns;

    public TestNamespace()
    {
        if (Libc.EffectiveUser() != 0)
            Assert.Skip("network namespaces need root");
        int netns = -1, socket = -1, errno = 0;
        // The thread ends with its namespace: none of the pool's may be left in another one.
        var thread = new Thread(() =>
        {
            if (Unshare(NewNetworkNamespace) != 0)
            {
                errno = Marshal.GetLastPInvokeError();
                return;
            }

            netns = Libc.Open(NetworkNamespaceFile.Own, ReadOnly | CloseOnExec, 0);
            socket = Libc.Socket(AddressFamilyNetlink, SocketRaw | CloseOnExec, NetlinkRoute);
        });
        thread.Start();
        thread.Join();
        if (netns < 0)
            Assert.Skip($"unshare(CLONE_NEWNET) is not permitted: errno {errno}");
        _netns = new SafeFileHandle(netns, ownsHandle: true);
        RouteSocket = new SafeFileHandle(socket, ownsHandle: true);
        Inode = FileIdentity.Of(netns)!.Value.Inode;
    }

    public string Path => $"/proc/{Environment.ProcessId}/fd/{Descriptor}";

    public int Descriptor => (int)_netns.DangerousGetHandle();

    public ulong Inode { get; }

    public SafeFileHandle RouteSocket { get; }

    /// <summary>Descriptors of this process that lead to the namespace.</summary>
    public int OpenDescriptors() => ProcessDescriptors.Count($"net:[{Inode}]");

    public void Dispose()
    {
        _netns.Dispose();
        RouteSocket.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}

/// <summary>Counts this process's open descriptors.</summary>
public static class ProcessDescriptors
{
    public static int Count(string target)
    {
        var count = 0;
        foreach (var link in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            // One may be closed by another test while we look.
            if (string.Equals(new FileInfo(link).LinkTarget, target, StringComparison.Ordinal))
                count++;
        }

        return count;
    }
}

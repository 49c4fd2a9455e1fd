using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol.Unix;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.Lab.Churn;

/// <summary>A network namespace that lives as long as its two descriptors: its own, and an rtnetlink socket made inside.</summary>
internal sealed partial class ChurnSandbox : IDisposable
{
    private readonly SafeFileHandle _namespace;
    private readonly SafeFileHandle _socket;

    private ChurnSandbox(SafeFileHandle netns, SafeFileHandle socket)
    {
        _namespace = netns;
        _socket = socket;
    }

    /// <summary>What goes along with an ADD.</summary>
    public int[] Descriptors => [(int)_namespace.DangerousGetHandle(), (int)_socket.DangerousGetHandle()];

    /// <summary>A path to it, for messages.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{_namespace.DangerousGetHandle()}");

    /// <summary>Makes it on a thread of its own. Throws <see cref="IOException"/> when the kernel refuses.</summary>
    public static ChurnSandbox Create()
    {
        ChurnSandbox? made = null;
        IOException? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                made = CreateHere();
            }
            catch (IOException e)
            {
                failure = e;
            }
        })
        { IsBackground = true, Name = "sandbox" };
        thread.Start();
        thread.Join();
        return made ?? throw failure!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _namespace.Dispose();
    }

    private static ChurnSandbox CreateHere()
    {
        if (Unshare(NewNetworkNamespace) != 0)
            throw SystemCall.Failed("unshare");
        var netns = Libc.Open("/proc/thread-self/ns/net", ReadOnly | CloseOnExec, 0);
        if (netns < 0)
            throw SystemCall.Failed("open /proc/thread-self/ns/net");
        var handle = new SafeFileHandle(netns, ownsHandle: true);
        var socket = Libc.Socket(AddressFamilyNetlink, SocketRaw | CloseOnExec, NetlinkRoute);
        if (socket >= 0)
            return new ChurnSandbox(handle, new SafeFileHandle(socket, ownsHandle: true));
        handle.Dispose();
        throw SystemCall.Failed("socket(AF_NETLINK)");
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}

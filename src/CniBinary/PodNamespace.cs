using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.CniBinary;

/// <summary>
/// The pod's network namespace, opened by its path, and an rtnetlink socket that was made inside it. With both in hand the
/// agent needs neither setns nor the path.
/// </summary>
internal sealed class PodNamespace : IDisposable
{
    private readonly SafeFileHandle _netns;
    private readonly SafeFileHandle _rtnetlink;

    private PodNamespace(SafeFileHandle netns, SafeFileHandle rtnetlink)
    {
        _netns = netns;
        _rtnetlink = rtnetlink;
    }

    /// <summary>In the order of the wire: the namespace, then the socket.</summary>
    public int[] Descriptors => [(int)_netns.DangerousGetHandle(), (int)_rtnetlink.DangerousGetHandle()];

    /// <summary>Opens both. The calling thread is back in its own namespace afterwards.</summary>
    /// <exception cref="CniException">BadNamespace: no namespace, or this process's own.</exception>
    public static PodNamespace Open(string path, bool allowOwn)
    {
        var netns = OpenFile(path);
        try
        {
            if (NetworkNamespaceFile.Identify((int)netns.DangerousGetHandle()) is not { } pod)
                throw Bad("CNI_NETNS is not a network namespace", $"{path} is something else");
            using var own = OpenFile(NetworkNamespaceFile.Own);
            if (!allowOwn && pod == FileIdentity.Of((int)own.DangerousGetHandle()))
            {
                throw Bad(
                    "CNI_NETNS is the plug-in's own network namespace",
                    $"{path} is where this process runs; a pod needs one of its own (CNI_NETNS_OVERRIDE=1 lifts this check)");
            }

            return new PodNamespace(netns, OpenSocketInside(netns, own, path));
        }
        catch
        {
            netns.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _netns.Dispose();
        _rtnetlink.Dispose();
    }

    private static SafeFileHandle OpenFile(string path)
    {
        var fd = Libc.Open(path, ReadOnly | CloseOnExec, 0);
        return fd >= 0
            ? new SafeFileHandle(fd, ownsHandle: true)
            : throw Bad("the network namespace can't be opened", $"open {path}: {SystemCall.Describe(Marshal.GetLastPInvokeError())}");
    }

    private static SafeFileHandle OpenSocketInside(SafeFileHandle netns, SafeFileHandle own, string path)
    {
        if (Libc.SetNamespace((int)netns.DangerousGetHandle(), NewNetworkNamespace) != 0)
        {
            throw Bad(
                "the network namespace can't be entered",
                $"setns {path}: {SystemCall.Describe(Marshal.GetLastPInvokeError())}; the plug-in needs CAP_SYS_ADMIN");
        }

        var fd = Libc.Socket(AddressFamilyNetlink, SocketRaw | CloseOnExec, NetlinkRoute);
        var errno = Marshal.GetLastPInvokeError();
        var back = Libc.SetNamespace((int)own.DangerousGetHandle(), NewNetworkNamespace);
        if (fd < 0)
            throw new CniException(CniErrorCode.Io, "no rtnetlink socket in the network namespace", SystemCall.Describe(errno));
        var socket = new SafeFileHandle(fd, ownsHandle: true);
        if (back == 0)
            return socket;
        socket.Dispose();
        throw new CniException(CniErrorCode.Io, "the plug-in can't return to its own network namespace", $"setns back from {path}");
    }

    private static CniException Bad(string msg, string details) => new(CniErrorCode.BadNamespace, msg, details);
}

using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol.Unix;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.NodeAgent.CniServer.Sockets;

/// <summary>An eventfd that ends a poll.</summary>
internal sealed unsafe class WakeUp : IDisposable
{
    private readonly SafeFileHandle _event;

    public WakeUp()
    {
        var fd = Libc.EventFd(0, CloseOnExec | SocketNonBlocking);
        if (fd < 0)
            throw SystemCall.Failed("eventfd");
        _event = new SafeFileHandle(fd, ownsHandle: true);
    }

    public int Descriptor => (int)_event.DangerousGetHandle();

    /// <summary>From any thread. A full counter wakes as well.</summary>
    public void Ring()
    {
        var one = 1ul;
        _ = Libc.Write(Descriptor, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Makes it quiet again.</summary>
    public void Hush()
    {
        ulong count;
        _ = Libc.Read(Descriptor, (byte*)&count, sizeof(ulong));
    }

    public void Dispose() => _event.Dispose();
}

using System.Runtime.InteropServices;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Recognises network namespaces and what belongs to them.</summary>
/// <remarks>Source: https://man7.org/linux/man-pages/man2/ioctl_nsfs.2.html</remarks>
internal static unsafe class NetworkNamespaceFile
{
    /// <summary>This thread's own network namespace.</summary>
    public const string Own = "/proc/thread-self/ns/net";

    /// <summary>Which namespace the descriptor is; null when it is no network namespace.</summary>
    public static FileIdentity? Identify(int descriptor)
    {
        // struct statfs starts with f_type, a long, and has 120 bytes.
        Span<byte> buffer = stackalloc byte[256];
        fixed (byte* data = buffer)
        {
            if (Libc.StatFileSystem(descriptor, data) != 0 || MemoryMarshal.Read<long>(buffer) != NamespaceFileSystem)
                return null;
        }

        return Libc.Ioctl(descriptor, NamespaceType, 0) == NewNetworkNamespace ? FileIdentity.Of(descriptor) : null;
    }

    /// <summary>The namespace that a socket lives in; null when the kernel does not tell (needs CAP_NET_ADMIN there).</summary>
    public static FileIdentity? OfSocket(int socket)
    {
        var descriptor = Libc.Ioctl(socket, SocketNamespace, 0);
        if (descriptor < 0)
            return null;
        var identity = FileIdentity.Of(descriptor);
        _ = Libc.Close(descriptor);
        return identity;
    }

    /// <summary>Whether the descriptor is an rtnetlink socket.</summary>
    public static bool IsRouteSocket(int descriptor) =>
        Option(descriptor, OptionDomain) == AddressFamilyNetlink && Option(descriptor, OptionProtocol) == NetlinkRoute;

    private static int? Option(int socket, int name)
    {
        int value, length = sizeof(int);
        return Libc.GetOption(socket, LevelSocket, name, &value, &length) == 0 ? value : null;
    }
}

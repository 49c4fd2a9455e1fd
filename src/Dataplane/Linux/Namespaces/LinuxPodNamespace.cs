using Vnetcni.Dataplane.Linux.Netlink;

namespace Vnetcni.Dataplane.Linux.Namespaces;

/// <summary>
/// A pod's namespace by two descriptors: the namespace, and an rtnetlink socket opened inside it. With these the agent
/// needs CAP_NET_ADMIN only: it never calls setns and sees no mount of the node.
/// </summary>
public sealed class LinuxPodNamespace : IPodNamespace
{
    private readonly SafeDescriptor _namespace;

    private LinuxPodNamespace(SafeDescriptor descriptor, NetlinkSocket socket, string path, ulong inode)
    {
        _namespace = descriptor;
        Socket = socket;
        Path = path;
        Inode = inode;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public ulong Inode { get; }

    /// <summary>The namespace's descriptor.</summary>
    internal SafeDescriptor Descriptor => _namespace;

    /// <summary>The socket inside.</summary>
    internal NetlinkSocket Socket { get; }

    /// <summary>
    /// Takes over both descriptors; they are closed by <see cref="Dispose"/>, and at once when this throws. Throws
    /// <see cref="DataplaneException"/> with <see cref="DataplaneFault.BadNamespace"/> when the first is not a network
    /// namespace, the second not an rtnetlink socket of that same namespace, or the namespace is this process's own.
    /// </summary>
    /// <param name="namespaceDescriptor">Of /proc/PID/ns/net or a bind mount of it.</param>
    /// <param name="socketDescriptor">Of socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) opened inside.</param>
    /// <param name="path">The name given for it; for messages only.</param>
    public static LinuxPodNamespace Adopt(int namespaceDescriptor, int socketDescriptor, string path)
    {
        var descriptor = new SafeDescriptor(namespaceDescriptor);
        var socket = new SafeDescriptor(socketDescriptor);
        try
        {
            if (descriptor.IsInvalid || socket.IsInvalid)
                throw NamespaceIdentity.Bad($"a descriptor for {path} is closed ({namespaceDescriptor}, {socketDescriptor})", Errno.BadDescriptor);
            return Adopt(descriptor, socket, path);
        }
        catch
        {
            descriptor.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the namespace at a path and a socket inside it, on a thread of its own that enters the namespace by setns and
    /// ends there. Needs CAP_SYS_ADMIN: for tools and tests, where no CNI binary hands the descriptors over.
    /// Throws as <see cref="Adopt(int, int, string)"/>.
    /// </summary>
    public static LinuxPodNamespace Open(string path)
    {
        var descriptor = NamespaceIdentity.Open(path);
        try
        {
            NamespaceIdentity.RequireNetwork(descriptor, path);
            var socket = OpenSocketInside(descriptor, path);
            try
            {
                return Adopt(descriptor, socket, path);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket.Dispose();
        _namespace.Dispose();
    }

    private static LinuxPodNamespace Adopt(SafeDescriptor descriptor, SafeDescriptor socket, string path)
    {
        var inode = NamespaceIdentity.RequireNetwork(descriptor, path);
        if (NamespaceIdentity.OfSocket(socket, path) != inode)
            throw NamespaceIdentity.Bad($"the socket handed over with {path} was opened in another network namespace");
        if (inode == NamespaceIdentity.OfProcess())
            throw NamespaceIdentity.Bad($"{path} is the node's own network namespace, not a pod's");
        return new LinuxPodNamespace(descriptor, NetlinkSocket.Over(socket), path, inode);
    }

    private static SafeDescriptor OpenSocketInside(SafeDescriptor descriptor, string path)
    {
        SafeDescriptor? socket = null;
        DataplaneException? failure = null;
        var thread = new Thread(() =>
        {
            if (LibC.SetNamespace(descriptor, LibC.CloneNewNet) != 0)
            {
                failure = NamespaceIdentity.Bad($"setns to {path} failed with {Errno.Describe(LibC.LastError)}", LibC.LastError);
                return;
            }
            try
            {
                socket = NetlinkSocket.Open().Descriptor;
            }
            catch (DataplaneException exception)
            {
                failure = exception;
            }
        })
        {
            IsBackground = true,
            Name = "vnetcni-setns",
        };
        thread.Start();
        thread.Join();
        return socket ?? throw failure!;
    }
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Linux.Namespaces;

namespace Vnetcni.NodeAgent.CniServer;

/// <summary>How the CNI socket is served.</summary>
public sealed class AgentSocketServerOptions
{
    /// <summary>Socket, spool and alive file.</summary>
    public required AgentPaths Paths { get; init; }

    /// <summary>
    /// Makes a pod's namespace of the descriptor of the namespace, an rtnetlink socket that lives inside it, and the path that
    /// the runtime named. Both descriptors are checked before and belong to the result. The default is the Linux data plane's.
    /// </summary>
    public Func<SafeHandle, SafeHandle, string, IPodNamespace> PodNamespaces { get; init; } = AdoptForLinux;

    /// <summary>Where the core's methods are called; the default is the thread pool.</summary>
    public SynchronizationContext Core { get; init; } = new();

    /// <summary>
    /// Descriptor of the node's lock file. The server does not start while another process holds an flock on it. Null where
    /// the caller has made sure of that.
    /// </summary>
    public SafeFileHandle? NodeLock { get; init; }

    /// <summary>ADDs that may wait at a time; one more is told to try again later.</summary>
    public int MostWaitingAdds { get; init; } = 256;

    /// <summary>Connections at a time, ADDs included; more wait in the backlog.</summary>
    public int MostConnections { get; init; } = 512;

    /// <summary>
    /// How long a client may take to send its request, from accept on. It sends right after it connected, but a node that starts
    /// a hundred pods can keep a process off the CPU for seconds; only root may connect, so patience costs a place and no more.
    /// </summary>
    public TimeSpan ReceiveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The same while all <see cref="MostConnections"/> places are taken: then a call may wait behind those that say nothing, so they are
    /// told sooner to try again.
    /// </summary>
    public TimeSpan CrowdedReceiveTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a client may take to read its reply.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running calls may take to end when the server stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    private static LinuxPodNamespace AdoptForLinux(SafeHandle netns, SafeHandle rtnetlink, string path) =>
        LinuxPodNamespace.Adopt(Release(netns), Release(rtnetlink), path);

    // Adopt closes both itself, also when it throws.
    private static int Release(SafeHandle handle)
    {
        var descriptor = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return descriptor;
    }
}

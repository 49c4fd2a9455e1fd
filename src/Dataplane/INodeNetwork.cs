using System.Net;
using System.Net.NetworkInformation;

namespace Vnetcni.Dataplane;

/// <summary>
/// What the agent asks of the node's network. The Linux implementation speaks netlink on threads of its own; the
/// simulation has one in memory. Every method is idempotent where its description does not say otherwise.
/// </summary>
public interface INodeNetwork
{
    /// <summary>
    /// Makes the node fit to carry pods: forwarding, the sweep group checked, and an <c>unreachable</c> /32 route of metric 1000
    /// for every address in <paramref name="heldAddresses"/> (routes of our own protocol for other addresses are removed).
    /// </summary>
    Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the node's mode that. Null when it is in effect; otherwise a sentence that says why not, and the mode before stays:
    /// pods are there, and a mode changes on an empty node only. Until it is called, the mode is the one that the node is found in.
    /// Throws <see cref="DataplaneException"/> when the node can't have the mode or the kernel refused; the one before stays.
    /// </summary>
    Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the veth pair, the routes and the neighbours. Not idempotent: throws <see cref="DataplaneException"/> with
    /// <see cref="DataplaneFault.InterfaceExists"/> when the pod already has that interface, leaving it untouched. Any
    /// failure undoes what was made.
    /// </summary>
    Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a stand-in for an attachment whose interface another plug-in makes (delegated IPAM): a veth pair whose host end has our
    /// alias and names the address, and whose other end lies in the pod, down and without an address, named
    /// <see cref="AttachRequest.InterfaceName"/>. So the kernel tells who has the address, and forgets it with the pod's namespace, as
    /// for an attachment; it is listed, detached and reaped like one. The address has no <c>unreachable</c> route meanwhile: where
    /// its packets go is the other plug-in's business. Not idempotent; any failure undoes what was made. A network that
    /// has no plug-ins but ours does not have to know it: by default it throws <see cref="DataplaneException"/>.
    /// </summary>
    Task StandInAsync(AttachRequest request, CancellationToken cancellationToken) => Task.FromException(
        new DataplaneException(DataplaneFault.Kernel, $"{GetType().Name} can't give {request.Address} to another plug-in's interface"));

    /// <summary>
    /// Takes the host end down, removes its route and puts it into the sweep group; the link itself goes with the next
    /// <see cref="ReapAsync"/>. True when there was something to detach. The address must not be reused before the reap.
    /// </summary>
    Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes every detached link in one batch and forgets the tracked connections of their addresses. Once it returns, both
    /// are gone for links detached before the call, and the addresses may have another owner.
    /// </summary>
    Task ReapAsync(CancellationToken cancellationToken);

    /// <summary>Host ends of ours (those with our alias), detached ones included. Dumps links and routes: for start-up.</summary>
    Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What is missing or wrong of an attachment, one sentence each; empty when all is well (CNI CHECK).</summary>
    Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken);
}

/// <summary>
/// A pod's network namespace as handed over by the CNI binary: descriptors of the namespace and of an rtnetlink socket
/// that was opened inside it. Disposing closes both.
/// </summary>
public interface IPodNamespace : IDisposable
{
    /// <summary>The path that the runtime named (CNI_NETNS); for messages and results only, never opened.</summary>
    string Path { get; }

    /// <summary>Inode of the namespace: the same number is the same namespace while it lives.</summary>
    ulong Inode { get; }
}

/// <summary>A veth pair to make.</summary>
/// <param name="Namespace">Where the peer is born.</param>
/// <param name="InterfaceName">Name in the pod, such as <c>eth0</c>.</param>
/// <param name="HostInterface">Name on the host, at most 15 bytes.</param>
/// <param name="Address">The pod's address.</param>
/// <param name="Mtu">Bytes; 0 = as the NIC.</param>
/// <param name="Alias">IFLA_IFALIAS of the host end: <c>vnetcni:network/containerID/ifname</c>.</param>
public sealed record AttachRequest(
    IPodNamespace Namespace,
    string InterfaceName,
    string HostInterface,
    IPAddress Address,
    int Mtu,
    string Alias);

/// <summary>What was made.</summary>
/// <param name="HostInterface">Name of the host end.</param>
/// <param name="HostMac">Its MAC.</param>
/// <param name="PodMac">The MAC of the pod's interface.</param>
/// <param name="Mtu">The MTU set on both.</param>
/// <param name="Gateway">The pod's next hop (169.254.1.1).</param>
public sealed record AttachedInterface(
    string HostInterface, PhysicalAddress HostMac, PhysicalAddress PodMac, int Mtu, IPAddress Gateway);

/// <summary>A host end that the kernel has.</summary>
/// <param name="Name">Interface name.</param>
/// <param name="Alias">Our alias, whole.</param>
/// <param name="Address">The address whose /32 route leads to it, or that it stands in for; or null.</param>
/// <param name="Detached">In the sweep group already.</param>
public sealed record HostInterface(string Name, string Alias, IPAddress? Address, bool Detached)
{
    /// <summary>Every alias of ours begins with it; a link without it is never touched.</summary>
    public const string AliasPrefix = "vnetcni:";
}

/// <summary>How pods are on the node.</summary>
public enum DataplaneMode
{
    /// <summary>Routed: each by a veth of its own. The NIC is not touched.</summary>
    Transparent,

    /// <summary>On a bridge, <c>azure0</c>, that has the NIC as a port and the NIC's address.</summary>
    Bridge,
}

/// <summary>Why the data plane refused.</summary>
public enum DataplaneFault
{
    /// <summary>A netlink or system call failed; the message names the call and errno.</summary>
    Kernel,

    /// <summary>The pod already has an interface of that name.</summary>
    InterfaceExists,

    /// <summary>The namespace is gone or is not a pod's.</summary>
    BadNamespace,

    /// <summary>An address of a family that is not served.</summary>
    Family,
}

/// <summary>A failed data plane call. The message has cause and errno.</summary>
/// <param name="fault">The class of failure.</param>
/// <param name="message">For people.</param>
/// <param name="errno">The kernel's errno, or 0.</param>
public sealed class DataplaneException(DataplaneFault fault, string message, int errno = 0) : Exception(message)
{
    /// <summary>The class of failure.</summary>
    public DataplaneFault Fault { get; } = fault;

    /// <summary>The kernel's errno, or 0.</summary>
    public int Errno { get; } = errno;
}

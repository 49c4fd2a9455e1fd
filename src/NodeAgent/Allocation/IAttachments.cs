using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>
/// The CNI verbs as the agent's core sees them: decoded, with the namespace in hand. The socket server calls it; it knows
/// neither sockets nor JSON. Failures are <see cref="AgentProtocol.CniException"/>.
/// </summary>
public interface IAttachments
{
    /// <summary>
    /// Assigns an address and plumbs it. Without a free address the call waits (a parked ADD holds no thread) for the class's
    /// addTimeout, then throws NoAddress. When <paramref name="callerGone"/> fires, everything is undone as by a DEL.
    /// A repeated ADD of an owner whose interface exists throws InterfaceExists and changes nothing. Owns
    /// <see cref="AddCommand.Namespace"/> and disposes it.
    /// </summary>
    Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone);

    /// <summary>Frees what the owner holds; nothing held is success. Never waits behind an ADD.</summary>
    Task DeleteAsync(Owner owner, CancellationToken cancellationToken);

    /// <summary>
    /// Undoes one ADD, as a DEL would; nothing happens when its owner has been freed since, or holds a later attachment.
    /// </summary>
    /// <param name="owner">Whose ADD.</param>
    /// <param name="attachment">Its <see cref="AddOutcome.Attachment"/>.</param>
    Task UndoAsync(Owner owner, long attachment);

    /// <summary>Throws CheckFailed with every fault found, when the attachment is not as its ADD left it.</summary>
    Task CheckAsync(CheckCommand command, CancellationToken cancellationToken);

    /// <summary>
    /// Frees every attachment of <paramref name="network"/> that stood when the call came and is not in
    /// <paramref name="valid"/>; ADDs that run or come meanwhile are left alone. Goes on after a failure and throws at the end.
    /// </summary>
    Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken);

    /// <summary>Throws NotAvailable when ADD can't be served on this boot yet.</summary>
    Task StatusAsync(CancellationToken cancellationToken);
}

/// <summary>A decoded ADD.</summary>
/// <param name="Owner">Who asks.</param>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">namespace/name of the Kubernetes pod, or empty.</param>
/// <param name="Mtu">MTU the configuration asks for, or 0.</param>
public sealed record AddCommand(Owner Owner, IPodNamespace Namespace, string Pod, int Mtu)
{
    /// <summary>Asked as another plug-in's IPAM: the interface is that plug-in's, only the address is ours.</summary>
    public bool Delegated { get; init; }
}

/// <summary>A decoded CHECK.</summary>
/// <param name="Owner">Whose attachment.</param>
/// <param name="Namespace">The pod's namespace; disposed by the callee.</param>
/// <param name="Address">The address that prevResult names for this interface.</param>
public sealed record CheckCommand(Owner Owner, IPodNamespace Namespace, System.Net.IPAddress Address)
{
    /// <summary>See <see cref="AddCommand.Delegated"/>.</summary>
    public bool Delegated { get; init; }
}

/// <summary>What ADD gave.</summary>
/// <param name="Interface">The pair that was made; null when another plug-in makes the pod's interface.</param>
/// <param name="Addresses">The pod's addresses, one at least and at most one of each family.</param>
public sealed record AddOutcome(AttachedInterface? Interface, params IReadOnlyList<PodAddress> Addresses)
{
    /// <summary>The first: the one that Kubernetes takes for the pod's own.</summary>
    public System.Net.IPAddress Address => Addresses[0].Address;

    /// <summary>Number of this attachment, for <see cref="IAttachments.UndoAsync"/>.</summary>
    public long Attachment { get; init; }
}

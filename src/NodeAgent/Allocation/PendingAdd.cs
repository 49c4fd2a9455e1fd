using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>An ADD that has not answered yet. Changed by <see cref="AddressBook"/> alone, under its lock.</summary>
internal sealed class PendingAdd(Owner owner, string hostInterface, ulong namespaceInode)
{
    public Owner Owner { get; } = owner;

    public string HostInterface { get; } = hostInterface;

    public ulong NamespaceInode { get; } = namespaceInode;

    /// <summary>Completed when an address is assigned, or with the reason why there is none.</summary>
    public TaskCompletionSource<LedgerEntry> Turn { get; } = new();

    /// <summary>Its place in the queue while it waits for an address.</summary>
    public LinkedListNode<PendingAdd>? Place { get; set; }

    /// <summary>What it holds.</summary>
    public LedgerEntry? Entry { get; set; }

    /// <summary>Why it got nothing when its turn came.</summary>
    public CniException? Failure { get; set; }

    /// <summary>A DEL of its owner came: what it holds is freed already.</summary>
    public bool Ended { get; set; }
}

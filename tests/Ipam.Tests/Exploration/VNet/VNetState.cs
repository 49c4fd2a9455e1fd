using System.Runtime.CompilerServices;
using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.VNet;

/// <summary>
/// Two nodes that share a virtual network's budget, and two leaders that work on either. Agents are simple here: each reports what its
/// node wants and consents at once to give up what is too much.
/// </summary>
internal struct VNetState
{
    public Nodes Nodes;
    public int Used;
    public Workers Workers;
}

/// <summary>One for each node.</summary>
[InlineArray(2)]
internal struct Nodes
{
    private NodeSide first;
}

/// <summary>One for each leader.</summary>
[InlineArray(2)]
internal struct Workers
{
    private Worker first;
}

/// <summary>A node's interface, pool object and reservation.</summary>
internal struct NodeSide
{
    public int Nic;
    public int Etag;

    /// <summary>An operation runs; before it the interface was <see cref="Before"/>.</summary>
    public bool Busy;
    public int Before;
    public int BeforeEtag;
    public PoolState Pool;
    public ReservationState Reservation;

    /// <summary>PUTs on their way; see <see cref="NodeState.PutA"/>.</summary>
    public int PutA;
    public int PutB;
}

/// <summary>A leader and the node that it works on.</summary>
internal struct Worker
{
    public LeaderState Read;
    public int Node;

    /// <summary>What the budget had left when it was read; kept only where writes of it are not conditional.</summary>
    public int Free;
}

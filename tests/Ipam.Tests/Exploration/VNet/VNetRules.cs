using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.VNet;

/// <summary>The rules that the world around the budget keeps. A test takes one away to see that it is needed.</summary>
internal sealed record VNetRules
{
    /// <summary>Rule 11: a write of the budget fails when it has moved since it was read.</summary>
    public bool BudgetIsWrittenConditionally { get; init; } = true;

    /// <summary>Rule 12: a PUT is refused when the interface has moved past the reservation's ETag.</summary>
    public bool PutsAreConditional { get; init; } = true;

    /// <summary>Whether it counts as broken when the budget does not match the lists; not, to see where that leads.</summary>
    public bool BudgetMatches { get; init; } = true;

    /// <summary>What a state breaks; empty for nothing.</summary>
    public static string Broken(in VNetState state, int limit, bool budgetMatches)
    {
        var (held, accounted, inFlight) = (0, 0, 0);
        for (var k = 0; k < 2; k++)
        {
            var node = state.Nodes[k];
            var now = NodeState.Count(NodeState.NicAddresses(node.Nic));
            held += node.Busy ? Math.Max(now, NodeState.Count(NodeState.NicAddresses(node.Before))) : now;
            accounted += node.Reservation.Open ? node.Reservation.Base : NodeState.Count(node.Pool.Available | node.Pool.Releasing);
            inFlight += node.Reservation.Open ? node.Reservation.Ceiling - node.Reservation.Base : 0;
        }

        if (held > limit)
            return "more addresses are on the interfaces than the virtual network may have";
        if (budgetMatches && state.Used + inFlight > limit)
            return "more addresses are granted than the virtual network may have";
        return budgetMatches && accounted != state.Used ? "the budget does not match the lists" : string.Empty;
    }
}

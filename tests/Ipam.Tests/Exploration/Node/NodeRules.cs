namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>What holds in every state.</summary>
internal static class NodeRules
{
    public const string RemovedInUse = "the address of a running pod is taken off the interface";
    public const string GivenTwice = "an address is given to two pods";
    public const string NotConfirmed = "an address is given out that is not on the interface for good";
    public const string Vanished = "an available address vanishes from the list";
    public const string SlotReused = "a slot is used again before its address is gone";

    /// <summary>The rule that a state breaks; empty for none.</summary>
    public static string Broken(in NodeState state, int limit)
    {
        var standing = state.Busy ? state.OnNic & NodeState.NicAddresses(state.Before) : state.OnNic;
        if ((state.Live & ~standing) != 0)
            return RemovedInUse;
        var held = Math.Max(NodeState.Count(state.OnNic), state.Busy ? NodeState.Count(NodeState.NicAddresses(state.Before)) : 0);
        var inFlight = state.Reservation.Open ? state.Reservation.Ceiling - state.Reservation.Base : 0;
        if (held > limit || state.Used + inFlight > limit)
            return "the limit is passed";
        if (held > state.Used + inFlight)
            return "more addresses are on the interface than the budget accounts for";
        var listed = NodeState.Count(state.Pool.Available | state.Pool.Releasing);
        return state.Used != (state.Reservation.Open ? state.Reservation.Base : listed) ? "the budget does not match the list" : string.Empty;
    }
}

using System.Globalization;
using System.Text;
using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.Life;

/// <summary>What is kept; a test takes one away to see that it is needed.</summary>
internal sealed record LifeRules
{
    /// <summary>Rule 10: the finalizer goes after the reservation says that the pool is closing.</summary>
    public bool FinalizerWaits { get; init; } = true;

    /// <summary>Rule 12: a PUT is refused when the interface has moved past the reservation's ETag.</summary>
    public bool PutsAreConditional { get; init; } = true;

    /// <summary>Who resolves what is left behind looks for a pool after the interface, and leaves what no pool accounts for.</summary>
    public bool PoolIsLookedForLast { get; init; } = true;

    /// <summary>A leftover is taken off an interface only when nobody can use its addresses.</summary>
    public bool LeftoversNeedConsent { get; init; } = true;
}

/// <summary>All moves of a node whose pool object and machine come and go. PUTs are done at once here; operations that run are in NodeWorld.</summary>
/// <param name="limit">The most addresses of the node and of the virtual network: 1, for an interface has two slots here.</param>
/// <param name="rules">What is kept.</param>
internal sealed partial class LifeWorld(int limit, LifeRules rules) : IExplored
{
    private readonly LifeMoves planner = new(limit);

    public IEnumerable<PackedState> Roots()
    {
        for (var want = 0; want <= limit; want++)
        {
            var state = new LifeState { Node = true, Want = want, Nic0 = new LifeNic { Exists = true }, Pool = new LifePool { Settled = LifeMoves.NoEtag } };
            yield return Resting.Nearest(this, LifePacking.Pack(state, out _));
        }
    }

    public void Moves(in PackedState from, List<Move> moves)
    {
        var state = LifePacking.Unpack(from);
        People(state, moves);
        Agent(state, moves);
        Arm(state, 0, moves);
        Arm(state, 1, moves);
        Leader(state, first: true, moves);
        if (state.LeaderA.At != At.Rest || state.LeaderB.At != At.Rest)
            Leader(state, first: false, moves);
    }

    public bool IsAtRest(in PackedState packed)
    {
        var s = LifePacking.Unpack(packed);
        if (s.Own.Open || s.Left.Open || s.LeaderA.At != At.Rest || s.LeaderB.At != At.Rest)
            return false;
        var other = Nic(ref s, 1 - s.Current);
        if (!s.Node)
            return !s.Pool.Exists && s.Used == 0 && s.Nic0.Slots == 0 && s.Nic1.Slots == 0;
        return s.Pool is { Exists: true, Deleting: false, Releasing: 0 } && s.Pool.Incarnation == s.Current + 1 && s.Pool.NicId == s.Current + 1
            && s.Pool.Available == Addresses(s.Current, Nic(ref s, s.Current).Slots) && s.Pool.Desired == s.Want + 1
            && s.Pool.Length == s.Want && s.Used == s.Want && other.Slots == 0;
    }

    public string Show(in PackedState packed)
    {
        var s = LifePacking.Unpack(packed);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(s.Node ? "node" : "no node")} on nic{s.Current}, nic0 {Text(s.Nic0)}, nic1 {Text(s.Nic1)}, used {s.Used}, wants {s.Want}, live {s.Live:b4}");
        if (s.Pool.Exists)
            text.Append(CultureInfo.InvariantCulture, $"; pool {s.Pool.Uid}{(s.Pool.Deleting ? " deleting" : "")} of nic{s.Pool.Incarnation - 1}/{s.Pool.NicId - 1} list {s.Pool.Available:b4} releasing {s.Pool.Releasing:b4} releasable {s.Pool.Releasable:b4} settled {s.Pool.Settled}");
        return text.Append(Text("own", s.Own)).Append(Text("left", s.Left)).ToString();
    }

    private static string Text(in LifeNic nic) => nic.Exists ? string.Create(CultureInfo.InvariantCulture, $"[{nic.Slots:b2} e{nic.Etag}]") : "gone";

    private static string Text(string name, in LifeReservation r) => r.Open
        ? string.Create(CultureInfo.InvariantCulture, $"; {name} {r.Uid} {r.Base}..{r.Ceiling} e{r.Etag} nic{r.Nic - 1}{(r.Closing ? " closing" : "")}")
        : string.Empty;

    private static ref LifeNic Nic(ref LifeState state, int number) => ref (number == 0 ? ref state.Nic0 : ref state.Nic1);

    private static int Addresses(int nic, int slots) => slots << (2 * nic);

    private void People(LifeState state, List<Move> moves)
    {
        for (var want = 0; want <= limit && state.Node; want++)
        {
            if (want == state.Want)
                continue;
            var next = state;
            next.Want = want;
            Done(next, new MoveName("the node wants {1}", What: want), isProgress: false, moves, cost: 1);
        }

        if (state.Pool is { Exists: true, Deleting: false })
        {
            var next = state;
            MovePool(ref next, state.Pool with { Deleting = true });
            Done(next, new MoveName(state.Node ? "a person deletes the pool" : "the pool of a Node that is gone is deleted"), isProgress: !state.Node, moves, cost: state.Node ? 1 : 0);
        }

        if (!state.Pool.Exists && state.Node)
        {
            var next = state;
            MovePool(ref next, new LifePool { Exists = true, Uid = (state.Pool.Uid + 1) & 3, Settled = LifeMoves.NoEtag });
            Done(next, new MoveName("a pool is made"), isProgress: true, moves);
        }

        if (!state.Node)
            return;
        foreach (var stays in (bool[])[false, true])
        {
            var next = state;
            next.Live = 0;
            if (!stays)
                Nic(ref next, state.Current) = default;
            var gone = next;
            gone.Node = false;
            Done(gone, new MoveName(stays ? "VM and Node are gone, the interface stays" : "VM, Node and interface are gone"), isProgress: false, moves, cost: 1);
            if (state.Current != 0)
            {
                if (!state.Nic0.Exists)
                    continue;
                next.Current = 0;
                Done(next, new MoveName("the VM is made anew with the interface that it had first"), isProgress: false, moves, cost: 1);
                continue;
            }

            if (!state.Nic1.Exists)
                next.Nic1 = new LifeNic { Exists = true, Etag = 101 };
            next.Current = 1;
            Done(next, new MoveName(stays ? "the VM is made anew, its old interface stays" : "the VM is made anew with another interface"), isProgress: false, moves, cost: 1);
        }
    }

    // The agent in its simplest form: consistent reads, conditional writes; the ledger and its messages are in NodeWorld.
    private void Agent(LifeState state, List<Move> moves)
    {
        for (var a = 0; a < 4; a++)
        {
            if ((state.Live >> a & 1) == 0)
                continue;
            var next = state;
            next.Live &= ~(1 << a);
            Done(next, new MoveName("DEL of address {1}", What: a), isProgress: NodeState.Count(state.Live) > state.Want, moves);
        }

        if (!state.Node || !state.Pool.Exists)
            return;
        var pool = state.Pool;
        var mine = pool.Incarnation == state.Current + 1;
        var offers = mine ? Offers(state) : 0;
        if (pool.Desired != state.Want + 1 || pool.Releasable != offers)
        {
            var next = state;
            MovePool(ref next, pool with { Desired = state.Want + 1, Releasable = offers });
            Done(next, new MoveName("the agent reports"), isProgress: true, moves);
        }

        for (var a = 0; a < 4 && mine && NodeState.Count(state.Live) < state.Want; a++)
        {
            if (((pool.Available & ~pool.Releasable & ~state.Live) >> a & 1) == 0)
                continue;
            var next = state;
            next.Live |= 1 << a;
            Done(next, new MoveName("ADD: a pod gets address {1}", What: a), isProgress: false, moves);
        }
    }

    private static int Offers(in LifeState state)
    {
        var (offers, excess) = (state.Pool.Releasing, NodeState.Count(state.Pool.Available) - state.Want);
        for (var a = 3; a >= 0 && excess > 0; a--)
        {
            if (((state.Pool.Available & ~state.Live) >> a & 1) == 0)
                continue;
            offers |= 1 << a;
            excess--;
        }

        return offers;
    }

    private void Arm(LifeState state, int number, List<Move> moves)
    {
        var nic = Nic(ref state, number);
        if (!nic.Exists)
            return;
        foreach (var put in (int[])[nic.PutA, nic.PutB])
        {
            if (put == 0)
                continue;
            var next = state;
            ref var n = ref Nic(ref next, number);
            if (n.PutA == put)
                n.PutA = 0;
            else
                n.PutB = 0;
            Done(next, new MoveName("a PUT is lost, or ARM refuses it"), isProgress: true, moves);
            var (remove, add) = ((put >> 2) & 3, put & 3);
            var slots = nic.Slots & ~remove;
            var broken = (slots & add) != 0 ? "a slot is used again before its address is gone"
                : (Addresses(number, remove) & state.Live) != 0 ? "the address of a running pod is taken off the interface" : string.Empty;
            n.Slots = slots | add;
            MoveNic(ref next, number);
            Done(next, new MoveName("ARM takes a PUT for nic{1}; its reply may be lost", What: number), isProgress: true, moves, broken);
        }

        MoveNic(ref state, number);
        Done(state, new MoveName("another tool writes nic{1}", What: number), isProgress: false, moves, cost: 1);
    }

    private void MoveNic(ref LifeState state, int number)
    {
        ref var nic = ref Nic(ref state, number);
        nic.Etag = 100 + number;
        if (rules.PutsAreConditional)
            nic.PutA = nic.PutB = 0;
    }

    private static void MovePool(ref LifeState state, in LifePool pool)
    {
        Keep(ref state.LeaderA, state.Pool);
        Keep(ref state.LeaderB, state.Pool);
        state.Pool = pool;
    }

    private static void Keep(ref LifeLeader leader, in LifePool before)
    {
        if (leader.PoolIsFresh)
            (leader.Pool, leader.PoolIsFresh) = (before, false);
    }

    private void Done(in LifeState next, MoveName name, bool isProgress, List<Move> moves, string broken = "", int cost = 0)
    {
        var state = next;
        Doom(ref state, first: true);
        Doom(ref state, first: false);
        var packed = LifePacking.Pack(state, out var swapped);
        moves.Add(new Move(packed, name, isProgress, broken.Length > 0 ? broken : Broken(state)) { Swapped = swapped, Cost = cost });
    }

    private string Broken(LifeState s)
    {
        if ((s.Live & ~Addresses(s.Current, Nic(ref s, s.Current).Slots)) != 0)
            return "the address of a running pod is not on its interface";
        var held = NodeState.Count(s.Nic0.Slots) + NodeState.Count(s.Nic1.Slots);
        var spoken = s.Used + s.Own.InFlight + s.Left.InFlight;
        if (held > spoken)
            return "more addresses are on interfaces than the budget accounts for";
        // Back on the interface that it had first, the node's addresses are accounted for twice until the leftover is dropped: never too few.
        // So is what a leader that still works on it reserves for them, and no more than that.
        var left = Math.Max(s.Left.Base, s.Left.Ceiling);
        var twice = !s.Left.Open ? 0
            : s.Left.Nic == s.Pool.NicId ? left
            : s.Own.Open && s.Left.Nic == s.Own.Nic ? Math.Min(s.Own.InFlight, left) : 0;
        if (held > limit || spoken - twice > limit)
            return "the limit is passed";
        var listed = s.Own.Open ? s.Own.Base : s.Pool.Exists ? s.Pool.Length : 0;
        if (s.Used != listed + (s.Left.Open ? s.Left.Base : 0))
            return "the budget does not match the list";
        var own = s.Pool.Incarnation == 0 ? 0 : Addresses(s.Pool.Incarnation - 1, 3);
        return ((s.Pool.Available | s.Pool.Releasing) & ~own) != 0 ? "a list has addresses of another machine" : string.Empty;
    }
}

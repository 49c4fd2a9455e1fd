using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.PoolScaling;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>
/// The agent's decisions, made by the product's ledger, recovery and scaling. A ledger is written as a number: per address three
/// bits of state and two of listing, then whether a status was seen, then the fence. Every question is asked once: the answers are kept, since they are pure.
/// </summary>
internal sealed class LedgerMoves(ExploredBounds bounds, ExploredRules rules)
{
    private readonly ExploredBounds bounds = bounds;
    private readonly ExploredRules rules = rules;
    public const int Bits = 5 * NodeState.Addresses + 2;
    private const int FenceBit = 1 << (Bits - 1);
    private const int SeenBit = 1 << (Bits - 2);
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerPolicy Policy = new() { ReuseCooldown = TimeSpan.Zero };
    private readonly Dictionary<long, long> answers = [];

    public static bool IsFenced(int ledger) => (ledger & FenceBit) != 0;

    /// <summary>It has taken in a status since it started.</summary>
    public static bool HasSeen(int ledger) => (ledger & SeenBit) != 0;

    /// <summary>What the ledger says about an address; null for nothing.</summary>
    public static AddressState? StateOf(int ledger, int address) => ((ledger >> (5 * address)) & 7) is > 0 and var state ? (AddressState)state : null;

    public static IpAddress Address(int number) => IpAddress.V4(0x0A00_0001u + (uint)number);

    public static int Number(IpAddress address) => (int)(address.Value - 0x0A00_0001u);

    public static int Mask(IEnumerable<IpAddress> addresses) => addresses.Aggregate(0, static (mask, a) => mask | (1 << Number(a)));

    /// <summary>The ledger after it has taken in a version of the pool.</summary>
    public int Publish(int ledger, in PoolState pool, bool own) => (int)Answer(
        0, ledger, (pool.Listed << 4) | (pool.Releasable << 1) | (own ? 1 : 0), static (me, made, detail) =>
        {
            var (listed, releasable, isOwn) = (detail >> 4, (detail >> 1) & 7, (detail & 1) != 0);
            made.Publish(
                new Publication
                {
                    Addresses = [.. Enumerable.Range(0, NodeState.Addresses).Where(a => Listing(listed, a) != 0)
                        .Select(a => new ListedAddress(Address(a), Listing(listed, a) == 2))],
                    Releasable = [.. Set(releasable)],
                    // Rule 5 taken away: merely not to be listed counts as the own word.
                    OwnWriteCommitted = isOwn || (!me.rules.OwnWriteIsKnown && made.Fenced),
                },
                Now);
            return SeenBit;
        });

    /// <summary>The ledger after an ADD, and the address that it gave; null when it had none.</summary>
    public (int Ledger, int Address)? Assign(int ledger)
    {
        var answer = Answer(1, ledger, 0, static (_, made, _) =>
        {
            if (made.TryAssign(new Owner("n", "new", "eth0"), "v", 1, Now, out var entry) != AssignOutcome.Assigned)
                return -1;
            made.MarkPlumbed(entry!);
            return (long)Number(entry!.Address) << 32;
        });
        return answer < 0 ? null : ((int)answer, (int)(answer >> 32));
    }

    /// <summary>The ledger after the DEL of the pod that had the address.</summary>
    public int Free(int ledger, int address) => (int)Answer(2, ledger, address, static (_, made, detail) =>
    {
        made.Free(OwnerOf(detail), Now);
        return 0;
    });

    /// <summary>The ledger after the link of an address is gone.</summary>
    public int Reaped(int ledger, int address) => (int)Answer(3, ledger, address, static (_, made, detail) =>
    {
        if (made.TryFind(Address(detail), out var entry))
            made.Reaped(entry, Now);
        return 0;
    });

    /// <summary>The ledger of an agent that starts.</summary>
    /// <param name="ledger">What the one before it kept.</param>
    /// <param name="lost">Its checkpoint is gone, or of another boot.</param>
    /// <param name="links">Host links in the kernel.</param>
    public int Recover(int ledger, bool lost, int links)
    {
        var key = Key(4, ledger, (links << 1) | (lost ? 1 : 0));
        if (answers.TryGetValue(key, out var known))
            return (int)known;
        LedgerRecord[] records = lost ? [] : [.. Make(ledger).Entries.Where(static e => e.IsDurable).Select(static e => e.ToRecord())];
        var fenced = lost ? !rules.StartIsFenced : IsFenced(ledger);
        // Rule 9 taken away: a link without a record says nothing.
        var witnesses = rules.LedgerIsRebuilt ? links : links & Mask(records.Where(static r => r.Owner is not null).Select(static r => r.Address));
        var recovery = LedgerRecovery.Recover(
            records, fenced,
            [.. Set(witnesses).Select(static a => new KernelLink(OwnerOf(Number(a)), $"v{Number(a)}", a, Detached: false))],
            Policy, Now);
        return (int)(answers[key] = Write(recovery.Ledger));
    }

    /// <summary>What the agent reports, and its ledger once it has taken out of use what it offers.</summary>
    public (int Ledger, int Desired, int Releasable) Plan(int ledger, int pods)
    {
        var answer = Answer(5, ledger, pods, static (me, made, detail) =>
        {
            var count = made.Count();
            var scaling = new ScalingSettings { MinFree = 0, MaxFree = 0, BatchSize = 1, MaxAddresses = me.bounds.Limit, ReleaseDelay = TimeSpan.Zero };
            var desired = PoolTarget.Desired(scaling, new PoolDemand(detail, count.InUse, count.Unavailable, 0), last: 0);
            var held = count.Listed - count.Withdrawable;
            var release = 0;
            if (made.Fenced)
            {
                // The excess lasts for as long as it has to, between any two steps.
                var (window, _) = ExcessWindow.Empty.Observe(held, desired, count.Assignable, TimeSpan.Zero, Now);
                (_, release) = window.Observe(held, desired, count.Assignable, TimeSpan.Zero, Now);
            }

            made.Offer([.. made.Releasable().Take(release)]);
            made.Withdraw(Math.Clamp(desired - held, 0, count.Withdrawable));
            return ((long)desired << 32) | ((long)Mask(made.Offers()) << 40);
        });
        return ((int)answer, (int)(answer >> 32) & 0xff, (int)(answer >> 40));
    }

    private static int Listing(int listed, int address) => (listed >> (2 * address)) & 3;

    private static IEnumerable<IpAddress> Set(int mask) =>
        Enumerable.Range(0, NodeState.Addresses).Where(a => (mask >> a & 1) != 0).Select(Address);

    private static Owner OwnerOf(int address) => new("n", $"pod-{address}", "eth0");

    private static long Key(int question, int ledger, int detail) => ((long)question << 60) | ((long)ledger << 20) | (uint)detail;

    // The lower half of an answer is the ledger as it is then; the rest is what the question adds.
    private long Answer(int question, int ledger, int detail, Func<LedgerMoves, AddressLedger, int, long> ask)
    {
        var key = Key(question, ledger, detail);
        if (answers.TryGetValue(key, out var known))
            return known;
        var made = Make(ledger);
        var answer = ask(this, made, detail);
        if (answer >= 0)
            answer |= (uint)(Write(made) | (ledger & SeenBit));
        answers.Add(key, answer);
        return answer;
    }

    private static AddressLedger Make(int ledger)
    {
        var made = new AddressLedger(Policy, IsFenced(ledger));
        if (HasSeen(ledger))
            made.Publish(new Publication { Addresses = [] }, Now);
        for (var number = 0; number < NodeState.Addresses; number++)
        {
            if (StateOf(ledger, number) is not { } state)
                continue;
            var held = state is AddressState.Assigned or AddressState.Detaching;
            var record = new LedgerRecord(
                Address(number), state, held ? OwnerOf(number) : null, held ? $"v{number}" : string.Empty, 0, held, Now, Now, string.Empty);
            var entry = made.Restore(record, Now, hold: true);
            // A restart makes a withdrawal an offer again; this is no restart.
            entry.State = state;
            entry.Listing = (Listing)((ledger >> (5 * number + 3)) & 3);
        }

        return made;
    }

    private static int Write(AddressLedger made)
    {
        var ledger = made.Fenced ? FenceBit : 0;
        foreach (var entry in made.Entries)
        {
            if (entry.State is AddressState.Quarantined or AddressState.Cooling)
                throw new InvalidOperationException($"{entry.Address} is {entry.State} {entry.Reason}: nothing here should lead to that");
            ledger |= ((int)entry.State | ((int)entry.Listing << 3)) << (5 * Number(entry.Address));
        }

        return ledger;
    }
}

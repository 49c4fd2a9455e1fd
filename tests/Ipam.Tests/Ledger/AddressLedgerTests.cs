using Vnetcni.Ipam.Ledger;
using Xunit;
using static Vnetcni.Ipam.Tests.Ledger.LedgerFixture;

namespace Vnetcni.Ipam.Tests.Ledger;

public class AddressLedgerTests
{
    private readonly AddressLedger _ledger = new(new LedgerPolicy());

    [Fact]
    public void Nothing_is_assigned_before_an_own_usage_write_is_committed()
    {
        _ledger.Publish(Status([1], own: false), Start);
        Assert.Null(_ledger.Assign(Pod(1), Start));
        _ledger.Publish(Status([1], own: true), Start);
        Assert.Equal(Ip(1), _ledger.Assign(Pod(1), Start)!.Address);
    }

    [Fact]
    public void A_repeated_ADD_finds_what_the_owner_holds()
    {
        _ledger.Publish(Status([1, 2]), Start);
        _ledger.Assign(Pod(1), Start);
        Assert.Equal(AssignOutcome.AlreadyHeld, _ledger.TryAssign(Pod(1), "azv1", 1, Start, out var entry));
        Assert.Equal(Ip(1), entry!.Address);
    }

    [Fact]
    public void A_DEL_frees_only_what_its_own_owner_holds()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Assign(Pod(1), Start);
        Assert.Null(_ledger.Free(Pod(2), Start));
        Assert.NotNull(_ledger.Free(Pod(1), Start));
        Assert.Null(_ledger.Free(Pod(1), Start));
    }

    [Fact]
    public void A_freed_address_rests_after_its_link_is_gone()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Assign(Pod(1), Start);
        var entry = _ledger.Free(Pod(1), Start)!;
        Assert.Null(_ledger.Assign(Pod(2), Start.AddHours(1)));
        _ledger.Reaped(entry, Start.AddHours(1));
        Assert.Equal(Start.AddHours(1).AddSeconds(30), _ledger.NextChange(wanted: true));
        Assert.Equal(0, _ledger.Tick(Start.AddHours(1).AddSeconds(29)));
        Assert.Null(_ledger.Assign(Pod(2), Start.AddHours(1).AddSeconds(29)));
        Assert.Equal(1, _ledger.Tick(Start.AddHours(1).AddSeconds(30)));
        Assert.NotNull(_ledger.Assign(Pod(2), Start.AddHours(1).AddSeconds(30)));
    }

    [Fact]
    public void At_the_limit_the_address_that_rested_for_longest_is_reused_after_five_seconds()
    {
        _ledger.Publish(Status([1, 2], atLimit: true), Start);
        foreach (var n in new[] { 1, 2 })
            _ledger.Assign(Pod(n), Start);
        _ledger.Reaped(_ledger.Free(Pod(2), Start)!, Start);
        _ledger.Reaped(_ledger.Free(Pod(1), Start)!, Start.AddSeconds(1));
        Assert.Equal(Start.AddSeconds(5), _ledger.NextChange(wanted: true));
        Assert.Equal(Start.AddSeconds(30), _ledger.NextChange(wanted: false));
        Assert.Null(_ledger.Assign(Pod(3), Start.AddSeconds(4.9)));
        Assert.Equal(Ip(2), _ledger.Assign(Pod(3), Start.AddSeconds(5))!.Address);
        Assert.Null(_ledger.Assign(Pod(4), Start.AddSeconds(5)));
    }

    [Fact]
    public void The_address_that_was_freed_first_is_reused_first()
    {
        _ledger.Publish(Status([1, 2]), Start);
        _ledger.Assign(Pod(1), Start);
        _ledger.Assign(Pod(2), Start);
        _ledger.Reaped(_ledger.Free(Pod(2), Start)!, Start.AddSeconds(1));
        _ledger.Reaped(_ledger.Free(Pod(1), Start)!, Start.AddSeconds(2));
        _ledger.Tick(Start.AddMinutes(1));
        Assert.Equal(Ip(2), _ledger.Assign(Pod(3), Start.AddMinutes(1))!.Address);
    }

    [Fact]
    public void An_offered_address_is_not_assigned_until_its_withdrawal_is_known_to_have_won()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Offer(_ledger.Releasable());
        Assert.Equal([Ip(1)], _ledger.Offers());
        _ledger.Withdraw(1);
        Assert.Empty(_ledger.Offers());
        _ledger.Publish(Status([1], listed: [1], own: false), Start);
        Assert.Null(_ledger.Assign(Pod(1), Start));
        _ledger.Publish(Status([1], own: false), Start);
        Assert.Null(_ledger.Assign(Pod(1), Start));
        _ledger.Publish(Status([1]), Start);
        Assert.NotNull(_ledger.Assign(Pod(1), Start));
    }

    [Fact]
    public void A_withdrawal_that_lost_becomes_an_offer_again()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Offer(_ledger.Releasable());
        _ledger.Withdraw(1);
        _ledger.Publish(Status([], releasing: [1]), Start);
        Assert.Equal([Ip(1)], _ledger.Offers());
        Assert.Empty(_ledger.Withdraw(1));
        var outcome = _ledger.Publish(Status([]), Start);
        Assert.Equal([Ip(1)], outcome.Dropped);
    }

    [Fact]
    public void An_address_that_an_older_self_offered_is_not_assigned()
    {
        _ledger.Publish(Status([1, 2], listed: [1]), Start);
        Assert.Equal(Ip(2), _ledger.Assign(Pod(1), Start)!.Address);
        Assert.Null(_ledger.Assign(Pod(2), Start));
    }

    [Fact]
    public void An_address_in_use_that_is_no_longer_listed_stays_with_its_owner_and_is_not_reused()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Assign(Pod(1), Start);
        var outcome = _ledger.Publish(Status([]), Start);
        Assert.Equal(Ip(1), Assert.Single(outcome.NewlyMissing).Address);
        Assert.Empty(_ledger.Publish(Status([]), Start).NewlyMissing);
        Assert.Equal(1, _ledger.Count().Missing);
        Assert.Equal([Ip(1)], _ledger.Missing());
        _ledger.Reaped(_ledger.Free(Pod(1), Start)!, Start);
        _ledger.Tick(Start.AddMinutes(1));
        Assert.Null(_ledger.Assign(Pod(2), Start.AddMinutes(1)));
        _ledger.Publish(Status([1]), Start.AddMinutes(1));
        Assert.NotNull(_ledger.Assign(Pod(2), Start.AddMinutes(1)));
    }

    [Fact]
    public void An_assignment_that_was_never_plumbed_is_free_at_once()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Return(_ledger.Assign(Pod(1), Start)!, Start);
        Assert.NotNull(_ledger.Assign(Pod(2), Start));
        Assert.False(_ledger.TryFind(Pod(1), out _));
    }

    [Fact]
    public void A_quarantined_address_is_used_again_only_after_all_its_claimants_are_gone()
    {
        _ledger.Publish(Status([1, 2]), Start);
        var entry = _ledger.Assign(Pod(1), Start)!;
        _ledger.Quarantine(entry, [Pod(1), Pod(2)], "test", Start);
        Assert.Equal(Ip(2), _ledger.Assign(Pod(3), Start)!.Address);
        Assert.Equal(AddressState.Quarantined, _ledger.Free(Pod(1), Start)!.State);
        Assert.Equal(AddressState.Detaching, _ledger.Free(Pod(2), Start)!.State);
        _ledger.Reaped(entry, Start);
        Assert.Equal(AddressState.Cooling, entry.State);
    }

    [Fact]
    public void A_quarantine_without_claimants_lasts_until_it_is_lifted_listed_or_not()
    {
        _ledger.Publish(Status([1, 2]), Start);
        _ledger.TryFind(Ip(1), out var entry);
        _ledger.Quarantine(entry!, [], "a link with an alias that can't be read", Start);
        Assert.Empty(_ledger.Publish(Status([2]), Start).Dropped);
        _ledger.Publish(Status([1, 2]), Start);
        Assert.Equal(AddressState.Quarantined, entry!.State);
        Assert.Equal(1, _ledger.Count().Unavailable);
        _ledger.Lift(entry, Start);
        Assert.Equal(AddressState.Cooling, entry.State);
        Assert.Empty(entry.Reason);
        _ledger.Tick(Start.AddSeconds(30));
        Assert.Equal(2, _ledger.Count().Assignable);
    }

    [Fact]
    public void A_claimed_quarantine_can_not_be_lifted()
    {
        _ledger.Publish(Status([1]), Start);
        var entry = _ledger.Assign(Pod(1), Start)!;
        _ledger.Quarantine(entry, [Pod(1)], "test", Start);
        Assert.Throws<InvalidOperationException>(() => _ledger.Lift(entry, Start));
    }

    [Fact]
    public void A_quarantine_is_the_same_after_a_restart()
    {
        _ledger.Publish(Status([1, 2]), Start);
        var entry = _ledger.Assign(Pod(1), Start)!;
        _ledger.Quarantine(entry, [Pod(1), Pod(2)], "test", Start);
        _ledger.TryFind(Ip(2), out var other);
        _ledger.Quarantine(other!, [], "unclaimed", Start);
        var reason = new KernelLink(null, "azv?", Ip(2), Detached: false);
        var again = LedgerRecovery.Recover([entry.ToRecord(), other!.ToRecord()], true, [reason], new LedgerPolicy(), Start).Ledger;
        Assert.Equal([entry.ToRecord().Claimants, []], again.Entries.Select(e => e.Claimants));
        Assert.All(again.Entries, e => Assert.Equal(AddressState.Quarantined, e.State));
        Assert.Equal(AddressState.Quarantined, again.Free(Pod(2), Start)!.State);
        Assert.Equal(AddressState.Detaching, again.Free(Pod(1), Start)!.State);
    }

    [Fact]
    public void An_owner_that_attaches_again_has_another_attachment()
    {
        _ledger.Publish(Status([1, 2]), Start);
        var first = _ledger.Assign(Pod(1), Start)!.Attachment;
        _ledger.Free(Pod(1), Start);
        var second = _ledger.Assign(Pod(1), Start)!.Attachment;
        Assert.NotEqual(first, second);
        Assert.NotEqual(0, first);
    }

    [Fact]
    public void Counts_add_up()
    {
        _ledger.Publish(Status([1, 2, 3, 4, 5]), Start);
        _ledger.Assign(Pod(1), Start);
        _ledger.Assign(Pod(2), Start);
        _ledger.Free(Pod(1), Start);
        _ledger.Offer([_ledger.Releasable()[0]]);
        Assert.Equal(new LedgerCounts(5, 2, 1, 1, 1, 1, 0, 0, 1), _ledger.Count());
    }

    [Fact]
    public void Assigning_and_freeing_allocates_next_to_nothing()
    {
        _ledger.Publish(Status([.. Enumerable.Range(0, 250)]), Start);
        var owner = Pod(1);
        var now = Start;
        Cycle();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Cycle();
        // Unoptimised code boxes the key of a sorted list once for its null check: 48 bytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 48);

        void Cycle()
        {
            now += TimeSpan.FromSeconds(1);
            _ledger.TryAssign(owner, "azv", 1, now, out _);
            _ledger.Reaped(_ledger.Free(owner, now)!, now);
        }
    }
}

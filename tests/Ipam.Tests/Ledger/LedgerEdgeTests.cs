using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.Ledger.Leaks;
using Xunit;
using static Vnetcni.Ipam.Tests.Ledger.LedgerFixture;

namespace Vnetcni.Ipam.Tests.Ledger;

public class LedgerEdgeTests
{
    private readonly AddressLedger _ledger = new(new LedgerPolicy());

    [Fact]
    public void Records_are_equal_only_when_all_that_they_keep_is()
    {
        var record = Record(1, AddressState.Assigned, Pod(1)) with { Claimants = [Pod(1)] };
        Assert.Equal(record, record with { Claimants = [Pod(1)] });
        Assert.Equal(record.GetHashCode(), (record with { Claimants = [Pod(1)] }).GetHashCode());
        LedgerRecord[] others =
        [
            record with { Address = Ip(2) }, record with { State = AddressState.Detaching }, record with { Owner = Pod(2) },
            record with { HostInterface = "x" }, record with { NamespaceInode = 2 }, record with { Plumbed = false },
            record with { Since = Start.AddTicks(1) }, record with { Until = Start.AddTicks(1) }, record with { Reason = "x" },
            record with { Claimants = [Pod(2)] },
        ];
        Assert.All(others, other => Assert.NotEqual(record, other));
    }

    [Fact]
    public void Only_a_free_address_that_was_never_used_is_not_worth_keeping()
    {
        _ledger.Publish(Status([1]), Start);
        var entry = _ledger.Entries[0];
        Assert.False(entry.IsDurable);
        _ledger.Assign(Pod(1), Start);
        Assert.True(entry.IsDurable);
        _ledger.Return(entry, Start);
        Assert.Equal(AddressState.Free, entry.State);
        Assert.True(entry.IsDurable);
    }

    [Fact]
    public void An_address_that_is_offered_before_it_was_ever_used_is_worth_keeping()
    {
        _ledger.Publish(Status([1]), Start);
        _ledger.Offer(_ledger.Releasable());
        Assert.True(_ledger.Entries[0].IsDurable);
    }

    [Fact]
    public void An_assignment_says_whether_its_link_was_made()
    {
        _ledger.Publish(Status([1]), Start);
        var entry = _ledger.Assign(Pod(1), Start)!;
        Assert.False(entry.Plumbed);
        _ledger.MarkPlumbed(entry);
        Assert.True(entry.ToRecord().Plumbed);
        _ledger.Return(entry, Start);
        Assert.Equal((null, string.Empty, 0ul, false), (entry.Owner, entry.HostInterface, entry.NamespaceInode, entry.Plumbed));
    }

    [Fact]
    public void A_step_that_the_state_does_not_allow_is_refused()
    {
        _ledger.Publish(Status([1]), Start);
        var entry = _ledger.Entries[0];
        Assert.Contains("Free", Assert.Throws<InvalidOperationException>(() => _ledger.MarkPlumbed(entry)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => _ledger.Return(entry, Start));
        Assert.Throws<InvalidOperationException>(() => _ledger.Reaped(entry, Start));
        Assert.Throws<InvalidOperationException>(() => _ledger.Lift(entry, Start));
        _ledger.Assign(Pod(1), Start);
        Assert.Throws<InvalidOperationException>(() => _ledger.Offer([entry]));
        Assert.Equal(AddressState.Assigned, entry.State);
    }

    [Fact]
    public void An_entry_that_has_left_the_ledger_can_not_be_changed()
    {
        _ledger.Publish(Status([1]), Start);
        var old = _ledger.Entries[0];
        _ledger.Publish(Status([]), Start);
        Assert.Contains("not in this ledger", Assert.Throws<InvalidOperationException>(() => _ledger.Offer([old])).Message, StringComparison.Ordinal);
        _ledger.Publish(Status([1]), Start);
        Assert.Throws<InvalidOperationException>(() => _ledger.Offer([old]));
    }

    [Fact]
    public void Missing_is_what_pods_hold_and_nobody_lists()
    {
        _ledger.Publish(Status([1, 2, 3, 4, 5]), Start);
        foreach (var n in new[] { 1, 2, 3 })
            _ledger.Assign(Pod(n), Start);
        _ledger.Free(Pod(2), Start);
        _ledger.Publish(Status([1], releasing: [4]), Start);
        Assert.Equal([Ip(3)], _ledger.Missing());
        _ledger.Publish(Status([1, 3]), Start);
        Assert.Empty(_ledger.Missing());
    }

    [Fact]
    public void Counts_tell_listed_from_unlisted_and_offers_from_withdrawals()
    {
        _ledger.Publish(Status([1, 2, 3, 4]), Start);
        _ledger.Quarantine(_ledger.Entries[0], [], "test", Start);
        _ledger.Offer([_ledger.Entries[1], _ledger.Entries[2]]);
        _ledger.Withdraw(1);
        _ledger.Publish(Status([2, 3], releasing: [4], own: false), Start);
        Assert.Equal(new LedgerCounts(2, 0, 0, 0, 3, 1, 1, 0, 0), _ledger.Count());
    }

    [Fact]
    public void No_more_offers_are_taken_back_than_asked_for()
    {
        _ledger.Publish(Status([1, 2, 3]), Start);
        _ledger.Offer(_ledger.Releasable());
        Assert.Empty(_ledger.Withdraw(0));
        Assert.Equal([Ip(1), Ip(2)], _ledger.Withdraw(2).Select(e => e.Address));
        Assert.Equal([Ip(3)], _ledger.Offers());
    }

    [Fact]
    public void What_has_been_free_for_longest_is_offered_first()
    {
        _ledger.Publish(Status([1, 2, 3]), Start);
        foreach (var n in new[] { 1, 2, 3 })
            _ledger.Assign(Pod(n), Start);
        foreach (var n in new[] { 2, 3, 1 })
            _ledger.Return(_ledger.Entries[n - 1], Start.AddSeconds(n == 2 ? 1 : 2));
        Assert.Equal([Ip(2), Ip(1), Ip(3)], _ledger.Releasable().Select(e => e.Address));
    }

    [Fact]
    public void A_publication_names_the_addresses_whose_record_changed_and_no_other()
    {
        _ledger.Publish(Status([1, 2]), Start);
        var outcome = _ledger.Publish(Status([1, 2, 3], listed: [2, 3]), Start);
        Assert.Equal([Ip(2), Ip(3)], outcome.Changed.Select(e => e.Address));
    }

    [Fact]
    public void A_quarantine_forgets_the_link_unless_one_owner_claims_it()
    {
        _ledger.Publish(Status([1, 2]), Start);
        var (one, two) = (_ledger.Assign(Pod(1), Start)!, _ledger.Assign(Pod(2), Start)!);
        _ledger.Quarantine(one, [Pod(1)], "test", Start);
        _ledger.Quarantine(two, [Pod(2), Pod(3)], "test", Start);
        Assert.Equal(("azvc1", Pod(1), false), (one.HostInterface, one.Owner, one.Plumbed));
        Assert.Equal((string.Empty, Pod(2), 0L), (two.HostInterface, two.Owner, two.Attachment));
        Assert.Empty(_ledger.Free(Pod(1), Start)!.Reason);
    }

    [Fact]
    public void A_quarantine_names_the_link_of_its_only_claimant()
    {
        Assert.Equal("azvc9", _ledger.Quarantine(Ip(7), [Pod(9)], "test", Start, "azvc9").HostInterface);
        Assert.Equal("azvc9", _ledger.Quarantine(Ip(7), [Pod(9)], "again", Start).HostInterface);
        Assert.Equal("azvc8", _ledger.Quarantine(Ip(7), [Pod(9)], "again", Start, "azvc8").HostInterface);
        Assert.Empty(_ledger.Quarantine(Ip(7), [Pod(8), Pod(9)], "again", Start).HostInterface);
    }

    [Fact]
    public void A_quarantined_owner_of_an_old_checkpoint_is_its_only_claimant()
    {
        var recovery = LedgerRecovery.Recover([Record(1, AddressState.Quarantined, Pod(1))], true, [], new LedgerPolicy(), Start);
        Assert.Equal([Pod(1)], recovery.Ledger.Entries[0].Claimants);
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_lengthen_a_rest()
    {
        var later = Start.AddHours(1);
        var record = Record(1, AddressState.Cooling, until: later.AddSeconds(30)) with { Since = later };
        var entry = LedgerRecovery.Recover([record], true, [], new LedgerPolicy(), Start).Ledger.Entries[0];
        Assert.Equal((Start, Start.AddSeconds(30)), (entry.Since, entry.Until));
    }

    [Fact]
    public void Only_an_assignment_has_an_attachment_after_a_restart()
    {
        var link = new KernelLink(Pod(1), "azvc1", Ip(1), Detached: false);
        var ledger = LedgerRecovery.Recover(
            [Record(1, AddressState.Assigned, Pod(1)), Record(2, AddressState.Offered)], true, [link], new LedgerPolicy(), Start).Ledger;
        Assert.True(ledger.Entries[0].Attachment > 0);
        Assert.Equal(0, ledger.Entries[1].Attachment);
    }

    [Fact]
    public void An_owner_is_written_as_its_three_names() => Assert.Equal("net/c1/eth0", Pod(1).ToString());

    [Fact]
    public void Findings_say_what_was_undone_and_why()
    {
        var cut = LedgerRecovery.Recover([Record(1, AddressState.Assigned, Pod(1), plumbed: false)], true, [], new LedgerPolicy(), Start);
        Assert.Contains("cut short", Assert.Single(cut.Findings), StringComparison.Ordinal);
        var gone = LedgerRecovery.Recover([Record(1, AddressState.Assigned, Pod(1))], true, [], new LedgerPolicy(), Start);
        Assert.Contains("azvc1", Assert.Single(gone.Findings), StringComparison.Ordinal);
        var lifted = LedgerRecovery.Recover([Record(1, AddressState.Quarantined)], true, [], new LedgerPolicy(), Start);
        Assert.Contains("not quarantined any more", Assert.Single(lifted.Findings), StringComparison.Ordinal);
        var taken = LedgerRecovery.Recover([], true, [new KernelLink(Pod(1), "azvc1", Ip(1), Detached: false)], new LedgerPolicy(), Start);
        Assert.Contains("taken over", Assert.Single(taken.Findings), StringComparison.Ordinal);
        var twice = LedgerRecovery.Recover(
            [Record(1, AddressState.Assigned, Pod(1)), Record(2, AddressState.Assigned, Pod(1))], true, [], new LedgerPolicy(), Start);
        Assert.Contains("gives both 10.0.0.1 and 10.0.0.2", twice.Findings[0], StringComparison.Ordinal);
    }

    /// <summary>An address whose link is gone at the agent's start, by what the container runtime says of its sandbox.</summary>
    [Theory]
    [InlineData("not asked", true, "10.0.0.1 is freed: the link azvc1 of net/c1/eth0 is gone")]
    [InlineData("silent", true, "10.0.0.1 stays with net/c1/eth0: its link azvc1 is gone, its sandbox is not known: the container runtime does not answer")]
    [InlineData("runs", true, "10.0.0.1 stays with net/c1/eth0: its link azvc1 is gone, its sandbox runs")]
    [InlineData("stopped", true, "10.0.0.1 is freed: the link azvc1 of net/c1/eth0 is gone")]
    [InlineData("unknown", true, "10.0.0.1 is freed: the link azvc1 of net/c1/eth0 is gone")]
    [InlineData("runs", false, "10.0.0.1 is freed: the ADD of net/c1/eth0 was cut short")]
    public void What_the_runtime_says_decides_where_a_link_is_gone(string word, bool plumbed, string finding)
    {
        var witness = word switch
        {
            "not asked" => null,
            "silent" => SandboxWitness.Silent,
            "unknown" => SandboxWitness.Listing(new Dictionary<string, bool>()),
            _ => SandboxWitness.Listing(new Dictionary<string, bool> { ["c1"] = word == "runs" }),
        };
        var recovery = LedgerRecovery.Recover([Record(1, AddressState.Assigned, Pod(1), plumbed)], true, [], new LedgerPolicy(), Start, witness);
        Assert.Equal([finding], recovery.Findings);
        Assert.Equal(finding.Contains("stays", StringComparison.Ordinal) ? AddressState.Assigned : AddressState.Detaching, recovery.Ledger.Entries[0].State);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_rest_longer_than_it_is()
    {
        var ledger = new AddressLedger(new LedgerPolicy());
        ledger.Publish(Status([1]), Start);
        var entry = ledger.Assign(Pod(1), Start)!;
        ledger.Free(Pod(1), Start);
        ledger.Reaped(entry, Start);
        var back = Start.AddHours(-3);
        Assert.Equal(0, ledger.Tick(back));
        Assert.Equal(back.AddSeconds(30), ledger.NextChange(wanted: false));
        Assert.Equal(0, ledger.Tick(back.AddSeconds(29)));
        Assert.Equal(1, ledger.Tick(back.AddSeconds(30)));
    }
}

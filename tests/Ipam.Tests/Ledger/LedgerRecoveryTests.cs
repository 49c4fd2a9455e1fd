using CsCheck;
using Vnetcni.Ipam.Ledger;
using Xunit;
using static Vnetcni.Ipam.Tests.Ledger.LedgerFixture;

namespace Vnetcni.Ipam.Tests.Ledger;

public class LedgerRecoveryTests
{
    private static Recovery Recover(LedgerRecord[] records, params KernelLink[] links) =>
        LedgerRecovery.Recover(records, fenced: true, links, new LedgerPolicy(), Start);

    private static KernelLink Link(Owner? owner, int address, bool detached = false) =>
        new(owner, "azv" + owner?.ContainerId, address == 0 ? default : Ip(address), detached);

    private static AddressState? StateOf(Recovery recovery, int n) =>
        recovery.Ledger.TryFind(Ip(n), out var entry) ? entry.State : null;

    [Fact]
    public void A_plumbed_assignment_with_its_link_stays()
    {
        var recovery = Recover([Record(1, AddressState.Assigned, Pod(1))], Link(Pod(1), 1));
        Assert.Equal(AddressState.Assigned, StateOf(recovery, 1));
        Assert.True(recovery.Ledger.TryFind(Pod(1), out _));
        Assert.Empty(recovery.Findings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_ADD_that_was_cut_short_is_undone(bool linkExists)
    {
        var recovery = Recover(
            [Record(1, AddressState.Assigned, Pod(1), plumbed: false)], linkExists ? [Link(Pod(1), 1)] : []);
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 1));
        Assert.False(recovery.Ledger.TryFind(Pod(1), out _));
    }

    [Fact]
    public void An_assignment_whose_link_is_gone_is_freed()
    {
        var recovery = Recover([Record(1, AddressState.Assigned, Pod(1))]);
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_DEL_that_was_cut_short_goes_on(bool detached)
    {
        var recovery = Recover([Record(1, AddressState.Detaching, Pod(1))], Link(Pod(1), detached ? 0 : 1, detached));
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 1));
        Assert.Empty(recovery.Strays);
    }

    [Fact]
    public void A_link_without_a_record_is_taken_over()
    {
        var recovery = Recover([], Link(Pod(1), 1));
        Assert.True(recovery.Ledger.TryFind(Pod(1), out var entry));
        Assert.True(entry!.Plumbed);
    }

    [Fact]
    public void A_link_without_route_and_record_is_a_stray()
    {
        var recovery = Recover([], Link(Pod(1), 0));
        Assert.Equal("azvc1", Assert.Single(recovery.Strays).HostInterface);
    }

    [Fact]
    public void A_contradiction_quarantines_the_addresses_concerned_and_no_other()
    {
        var recovery = Recover(
            [Record(1, AddressState.Assigned, Pod(1)), Record(3, AddressState.Assigned, Pod(3))],
            Link(Pod(1), 2), Link(Pod(3), 3));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 2));
        Assert.Equal(AddressState.Assigned, StateOf(recovery, 3));
        Assert.Equal(2, recovery.Findings.Count);
        recovery.Ledger.Free(Pod(1), Start);
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 1));
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 2));
    }

    [Fact]
    public void An_address_that_the_kernel_routes_to_another_owner_is_quarantined_for_both()
    {
        var recovery = Recover([Record(1, AddressState.Assigned, Pod(1))], Link(Pod(2), 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        recovery.Ledger.TryFind(Ip(1), out var entry);
        Assert.Equal([Pod(1), Pod(2)], entry!.Claimants);
    }

    [Fact]
    public void A_link_whose_alias_cannot_be_read_quarantines_its_address()
    {
        var recovery = Recover([], Link(null, 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
    }

    [Fact]
    public void A_quarantine_that_nobody_claims_ends_at_a_start_that_finds_no_link_for_it()
    {
        var still = Recover([Record(1, AddressState.Quarantined), Record(2, AddressState.Quarantined)], Link(null, 1));
        Assert.Equal(AddressState.Quarantined, StateOf(still, 1));
        Assert.Equal(AddressState.Cooling, StateOf(still, 2));
        still.Ledger.Publish(Status([1, 2]), Start);
        Assert.Null(still.Ledger.Assign(Pod(1), Start));
        Assert.Equal(Ip(2), still.Ledger.Assign(Pod(1), Start.AddSeconds(30))!.Address);
    }

    [Fact]
    public void An_owner_with_two_addresses_in_the_checkpoint_quarantines_both()
    {
        var recovery = Recover([Record(1, AddressState.Assigned, Pod(1)), Record(2, AddressState.Assigned, Pod(1))]);
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 2));
    }

    [Fact]
    public void Two_links_of_one_owner_quarantine_both_addresses_until_its_DEL()
    {
        var recovery = Recover([], Link(Pod(1), 1), Link(Pod(1), 2) with { HostInterface = "azvz" });
        Assert.Equal((AddressState.Quarantined, AddressState.Quarantined), (StateOf(recovery, 1), StateOf(recovery, 2)));
        Assert.Empty(recovery.Strays);
        recovery.Ledger.Free(Pod(1), Start);
        Assert.Equal((AddressState.Detaching, AddressState.Detaching), (StateOf(recovery, 1), StateOf(recovery, 2)));
    }

    [Fact]
    public void One_address_routed_to_two_owners_is_nobodys_until_both_are_gone()
    {
        var recovery = Recover([], Link(Pod(1), 1), Link(Pod(2), 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        recovery.Ledger.Free(Pod(1), Start);
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        recovery.Ledger.Free(Pod(2), Start);
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 1));
    }

    [Fact]
    public void A_link_to_an_address_that_rests_is_no_reason_to_give_it_out_again()
    {
        var recovery = Recover([Record(1, AddressState.Cooling, until: Start.AddSeconds(10))], Link(Pod(1), 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        recovery.Ledger.Publish(Status([1]), Start);
        recovery.Ledger.Tick(Start.AddSeconds(60));
        Assert.Null(recovery.Ledger.Assign(Pod(9), Start.AddSeconds(60)));
    }

    [Fact]
    public void A_link_to_an_address_that_was_offered_keeps_the_offer_from_being_taken_back_in_use()
    {
        // The operator may take it at any moment: it stays out of use, whoever routes it.
        var recovery = Recover([Record(1, AddressState.Offered)], Link(Pod(1), 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        recovery.Ledger.Publish(Status([1], own: true), Start);
        Assert.Null(recovery.Ledger.Assign(Pod(9), Start));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
    }

    [Fact]
    public void Another_link_than_that_of_a_DEL_that_was_cut_short_is_a_contradiction()
    {
        var recovery = Recover([Record(1, AddressState.Detaching, Pod(1))], Link(Pod(2), 1));
        Assert.Equal(AddressState.Quarantined, StateOf(recovery, 1));
        Assert.True(recovery.Ledger.TryFind(Ip(1), out var entry));
        Assert.Equal([Pod(1), Pod(2)], entry!.Claimants);
    }

    [Fact]
    public void A_second_link_of_an_owner_that_leaves_is_taken_over_for_itself()
    {
        // Its address is the kernel's word alone; the DEL that was cut short is done for the first one.
        var recovery = Recover([Record(1, AddressState.Detaching, Pod(1))], Link(Pod(1), 2));
        Assert.Equal((AddressState.Detaching, AddressState.Assigned), (StateOf(recovery, 1), StateOf(recovery, 2)));
        Assert.True(recovery.Ledger.TryFind(Pod(1), out var held));
        Assert.Equal(Ip(2), held!.Address);
    }

    [Fact]
    public void A_link_without_a_route_confirms_its_owner_and_nothing_else()
    {
        var recovery = Recover([Record(1, AddressState.Assigned, Pod(1)), Record(2, AddressState.Assigned, Pod(2))], Link(Pod(1), 0));
        Assert.Equal((AddressState.Assigned, AddressState.Detaching), (StateOf(recovery, 1), StateOf(recovery, 2)));
    }

    [Fact]
    public void A_detached_link_ends_the_assignment_that_it_was_left_of()
    {
        var recovery = Recover([Record(1, AddressState.Assigned, Pod(1))], Link(Pod(1), 1, detached: true));
        Assert.Equal(AddressState.Detaching, StateOf(recovery, 1));
        Assert.Equal("azvstray", Assert.Single(Recover([], Link(Pod(1), 1, detached: true) with { HostInterface = "azvstray" }).Strays).HostInterface);
    }

    [Fact]
    public void A_contradiction_of_two_starts_is_told_once_each_and_grows_no_claims()
    {
        var first = Recover([Record(1, AddressState.Assigned, Pod(1))], Link(Pod(2), 1));
        Assert.True(first.Ledger.TryFind(Ip(1), out var entry));
        var second = Recover([entry!.ToRecord()], Link(Pod(2), 1));
        Assert.True(second.Ledger.TryFind(Ip(1), out var again));
        Assert.Equal([Pod(1), Pod(2)], again!.Claimants.Distinct());
        Assert.Single(second.Findings);
    }

    [Fact]
    public void A_rest_goes_on_over_a_restart_and_never_grows()
    {
        var recovery = Recover(
        [
            Record(1, AddressState.Cooling, until: Start.AddSeconds(10)),
            Record(2, AddressState.Cooling, until: Start.AddDays(1)),
            Record(3, AddressState.Cooling, until: Start.AddSeconds(-1)),
        ]);
        Assert.Equal(Start.AddSeconds(10), recovery.Ledger.NextChange(wanted: true));
        recovery.Ledger.Publish(Status([1, 2, 3], own: false), Start);
        Assert.Equal(1, recovery.Ledger.Count().Assignable);
        recovery.Ledger.Tick(Start.AddSeconds(30));
        Assert.Equal(3, recovery.Ledger.Count().Assignable);
    }

    [Fact]
    public void A_withdrawal_in_flight_is_an_offer_after_a_restart()
    {
        var recovery = Recover([Record(1, AddressState.Withdrawing)]);
        recovery.Ledger.Publish(Status([1], own: true), Start);
        Assert.Equal([Ip(1)], recovery.Ledger.Offers());
    }

    [Fact]
    public void Whatever_records_and_links_say_no_address_is_lost_and_none_is_held_twice() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 5], Gen.Int[1, 7], Gen.Int[1, 4], Gen.Bool).Array[0, 6],
            Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Bool).Array[0, 5]).Sample((recordsIn, linksIn) =>
        {
            var records = recordsIn.DistinctBy(r => r.Item1)
                .Select(r => Record(r.Item1, (AddressState)r.Item2, r.Item2 is 2 or 3 or 7 ? Pod(r.Item3) : null, r.Item4)).ToArray();
            var links = linksIn.Select((l, i) => Link(l.Item1 == 0 ? null : Pod(l.Item1), l.Item2, l.Item3) with { HostInterface = $"azv{i}" }).ToArray();
            var recovery = Recover(records, links);
            var entries = recovery.Ledger.Entries;
            Assert.Distinct(entries.Where(e => e.State == AddressState.Assigned).Select(e => e.Owner));
            Assert.All(links.Where(l => !l.Address.IsNone && !l.Detached), l =>
                Assert.True(recovery.Ledger.TryFind(l.Address, out var e) && e.State is not (AddressState.Free or AddressState.Cooling or AddressState.Offered), $"{l.Address}"));
            Assert.All(records.Where(r => r.State != AddressState.Free), r => Assert.True(recovery.Ledger.TryFind(r.Address, out _)));
            recovery.Ledger.Publish(Status([1, 2, 3, 4, 5]), Start);
            for (var n = 10; recovery.Ledger.Assign(Pod(n), Start) is { } given; n++)
                Assert.DoesNotContain(links, l => l.Address == given.Address && !l.Detached);
        }, iter: 5_000);
}

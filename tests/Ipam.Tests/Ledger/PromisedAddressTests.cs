using Vnetcni.Ipam.Ledger;
using Xunit;
using static Vnetcni.Ipam.Tests.Ledger.LedgerFixture;

namespace Vnetcni.Ipam.Tests.Ledger;

/// <summary>
/// An address that was offered and then quarantined: the operator may have been told of the offer, and may take it at any moment until the
/// withdrawal is known to have won. Being quarantined in between changes nothing about that.
/// </summary>
public class PromisedAddressTests
{
    private readonly AddressLedger _ledger = new(new LedgerPolicy { ReuseCooldown = TimeSpan.FromSeconds(10) }, fenced: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_its_quarantine_it_is_an_offer_again_and_not_free(bool withdrawing)
    {
        var entry = OfferAndQuarantine(withdrawing);
        Rest(entry);
        Assert.Equal(AddressState.Offered, entry.State);
        Assert.Null(_ledger.Assign(Pod(2), Start.AddSeconds(20)));
    }

    [Fact]
    public void At_the_limit_too_it_is_not_reused_early()
    {
        var entry = OfferAndQuarantine(withdrawing: false);
        _ledger.Publish(Status([1], listed: [1], own: false, atLimit: true), Start);
        _ledger.Free(Pod(9), Start);
        _ledger.Reaped(entry, Start);
        Assert.Equal(AddressState.Cooling, entry.State);
        Assert.Null(_ledger.Assign(Pod(2), Start.AddSeconds(6)));
        Assert.Equal(Start.AddSeconds(10), _ledger.NextChange(wanted: true));
    }

    [Fact]
    public void When_the_withdrawal_is_known_to_have_won_meanwhile_it_is_free()
    {
        var entry = OfferAndQuarantine(withdrawing: false);
        // An older answer says nothing; only the own write that does not list it any more does.
        _ledger.Publish(Status([1], own: false), Start);
        Assert.True(entry.Promised);
        _ledger.Publish(Status([1], own: true), Start);
        Assert.False(entry.Promised);
        Rest(entry);
        Assert.Equal(AddressState.Free, entry.State);
    }

    [Fact]
    public void An_offer_of_an_older_self_that_shows_up_while_it_rests_counts()
    {
        _ledger.Publish(Status([1]), Start);
        var entry = _ledger.Assign(Pod(1), Start)!;
        _ledger.Free(Pod(1), Start);
        _ledger.Reaped(entry, Start);
        Assert.Equal([entry], _ledger.Publish(Status([1], listed: [1], own: false), Start).Changed);
        _ledger.Tick(Start.AddSeconds(10));
        Assert.Equal(AddressState.Offered, entry.State);
    }

    [Fact]
    public void A_restart_does_not_forget_it()
    {
        var entry = OfferAndQuarantine(withdrawing: false);
        _ledger.Free(Pod(9), Start);
        _ledger.Reaped(entry, Start);
        var record = entry.ToRecord();
        Assert.True(record.Promised);
        Assert.NotEqual(record, record with { Promised = false });
        foreach (var at in new[] { Start, Start.AddSeconds(60) })
        {
            var again = LedgerRecovery.Recover([record], fenced: true, [], new LedgerPolicy(), at).Ledger;
            again.Publish(Status([1], own: false), at);
            again.Tick(at.AddSeconds(60));
            Assert.Equal([Ip(1)], again.Offers());
        }
    }

    private LedgerEntry OfferAndQuarantine(bool withdrawing)
    {
        _ledger.Publish(Status([1]), Start);
        var entry = Assert.Single(_ledger.Releasable());
        _ledger.Offer([entry]);
        if (withdrawing)
            _ledger.Withdraw(1);
        _ledger.Quarantine(entry.Address, [Pod(9)], "a link of c9 routes it", Start);
        Assert.Empty(_ledger.Offers());
        return entry;
    }

    private void Rest(LedgerEntry entry)
    {
        _ledger.Free(Pod(9), Start);
        _ledger.Reaped(entry, Start);
        _ledger.Tick(Start.AddSeconds(10));
    }
}

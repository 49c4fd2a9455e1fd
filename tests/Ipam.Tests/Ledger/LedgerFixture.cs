using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.Ipam.Tests.Ledger;

internal static class LedgerFixture
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IpAddress Ip(int n) => IpAddress.V4(0x0A000000u + (uint)n);

    public static Owner Pod(int n) => new("net", $"c{n}", "eth0");

    public static Publication Status(int[] available, int[]? releasing = null, int[]? listed = null, bool own = true, bool atLimit = false) => new()
    {
        Addresses =
        [
            .. available.Select(n => new ListedAddress(Ip(n), false)),
            .. (releasing ?? []).Select(n => new ListedAddress(Ip(n), true)),
        ],
        Releasable = [.. (listed ?? []).Select(Ip)],
        OwnWriteCommitted = own,
        AtLimit = atLimit,
    };

    public static LedgerEntry? Assign(this AddressLedger ledger, Owner owner, DateTimeOffset now) =>
        ledger.TryAssign(owner, "azv" + owner.ContainerId, 1, now, out var entry) == AssignOutcome.Assigned ? entry : null;

    public static LedgerRecord Record(int n, AddressState state, Owner? owner = null, bool plumbed = true, DateTimeOffset? until = null) =>
        new(Ip(n), state, owner, owner is null ? "" : "azv" + owner.ContainerId, 1, plumbed, Start, until ?? Start, "");
}

using System.Globalization;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger.Leaks;

namespace Vnetcni.Ipam.Ledger;

/// <summary>A ledger made from a checkpoint and the kernel's links.</summary>
/// <param name="Ledger">The ledger; what is Detaching in it has to be detached (again) and reaped.</param>
/// <param name="Strays">Links that hold no address in the ledger and have to be detached.</param>
/// <param name="Findings">For people: every contradiction and every thing undone.</param>
public sealed record Recovery(
    AddressLedger Ledger, IReadOnlyList<KernelLink> Strays, IReadOnlyList<string> Findings);

/// <summary>Rebuilds the ledger at the start of the agent. Pure: the same records and links give the same ledger.</summary>
/// <remarks>
/// An ADD keeps its record before it plumbs, another when the link is whole, and answers after that. So a record that is not
/// plumbed belongs to an ADD that never succeeded, and is undone; a link without any record belongs to a lost checkpoint, and is
/// adopted; where record and link contradict each other the addresses concerned are quarantined.
/// </remarks>
public static class LedgerRecovery
{
    /// <summary>Rebuilds.</summary>
    /// <param name="records">The checkpoint of this boot; empty when there is none.</param>
    /// <param name="fenced">What the checkpoint says about the fence; false without one.</param>
    /// <param name="links">All host links of ours.</param>
    /// <param name="policy">The times to keep.</param>
    /// <param name="now">The time.</param>
    /// <param name="sandboxes">
    /// What the container runtime says; null where none is asked. Where it says that a sandbox runs, or nothing at all, an address
    /// stays with its owner although its link is gone.
    /// </param>
    public static Recovery Recover(
        IReadOnlyList<LedgerRecord> records, bool fenced, IReadOnlyList<KernelLink> links, LedgerPolicy policy, DateTimeOffset now,
        SandboxWitness? sandboxes = null)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(links);
        var ledger = new AddressLedger(policy, fenced);
        List<string> findings = [];
        List<KernelLink> strays = [];
        foreach (var record in records.OrderBy(record => record.Address))
            RestoreRecord(ledger, record, findings, now);

        HashSet<Owner> witnessed = [];
        foreach (var link in links.OrderBy(link => link.HostInterface, StringComparer.Ordinal))
        {
            if (link.Owner is not null && !link.Detached)
                witnessed.Add(link.Owner);
            if (!TakeIn(ledger, link, findings, now))
                strays.Add(link);
        }

        foreach (var entry in ledger.Entries.ToArray())
        {
            if (entry.State != AddressState.Assigned || (entry.Plumbed && witnessed.Contains(entry.Owner!)))
                continue;
            var word = entry.Plumbed ? (sandboxes ?? SandboxWitness.None).WordOn(entry.Owner!.ContainerId) : SandboxWord.Gone;
            if (word is SandboxWord.Lives or SandboxWord.Silent)
            {
                findings.Add(Text($"{entry.Address} stays with {entry.Owner}: its link {entry.HostInterface} is gone, its sandbox {Is(word)}"));
                continue;
            }

            findings.Add(entry.Plumbed
                ? Text($"{entry.Address} is freed: the link {entry.HostInterface} of {entry.Owner} is gone")
                : Text($"{entry.Address} is freed: the ADD of {entry.Owner} was cut short"));
            ledger.Free(entry.Owner!, now);
        }

        // Of a quarantine that nobody claims, the link was the only reason.
        foreach (var entry in ledger.Entries.ToArray())
        {
            if (entry.State != AddressState.Quarantined || entry.Claimants.Count > 0 || links.Any(link => link.Address == entry.Address))
                continue;
            findings.Add(Text($"{entry.Address} is not quarantined any more: no link routes it and nobody claims it"));
            ledger.Lift(entry, now);
        }

        return new Recovery(ledger, strays, findings);
    }

    private static void RestoreRecord(AddressLedger ledger, LedgerRecord record, List<string> findings, DateTimeOffset now)
    {
        var rival = record.State == AddressState.Assigned && ledger.TryFind(record.Owner!, out var held) ? held : null;
        var entry = ledger.Restore(record, now, hold: rival is null);
        if (rival is null)
            return;
        var reason = Text($"the checkpoint gives both {rival.Address} and {record.Address} to {record.Owner}");
        findings.Add(reason);
        ledger.Quarantine(rival, [record.Owner!], reason, now);
        ledger.Quarantine(entry, [record.Owner!], reason, now);
    }

    // False for a link that no entry stands for.
    private static bool TakeIn(AddressLedger ledger, KernelLink link, List<string> findings, DateTimeOffset now)
    {
        var atAddress = !link.Address.IsNone && ledger.TryFind(link.Address, out var found) ? found : null;
        if (link.Owner is not { } owner)
            return atAddress is not null
                ? Contradict(ledger, atAddress, [], findings, Text($"{link.HostInterface} routes {link.Address} and its alias can't be read"), now)
                : Adopt(ledger, link, findings, now);

        var held = ledger.TryFind(owner, out var entry) ? entry : null;
        if (held is null && ledger.Entries.FirstOrDefault(e => IsLeaving(e, owner)) is { } leaving
            && (link.Detached || link.Address.IsNone || leaving.Address == link.Address))
        {
            leaving.HostInterface = link.HostInterface;
            return true;
        }

        if (link.Detached)
        {
            if (held is not null)
                ledger.Free(owner, now);
            return held is not null;
        }

        if (held is not null && (link.Address.IsNone || held.Address == link.Address))
        {
            held.HostInterface = link.HostInterface;
            return true;
        }

        if (held is not null)
        {
            var reason = Text($"the ledger gives {held.Address} to {owner}, the kernel routes {link.Address} to its link {link.HostInterface}");
            Contradict(ledger, held, [owner], findings, reason, now);
            atAddress ??= ledger.Restore(Blank(link.Address, now), now, hold: false);
            atAddress.HostInterface = link.HostInterface;
            return Contradict(ledger, atAddress, Claims(atAddress, owner), findings, reason, now);
        }

        return atAddress is null
            ? Adopt(ledger, link, findings, now)
            : Contradict(ledger, atAddress, Claims(atAddress, owner), findings,
                Text($"{atAddress.Address} is {atAddress.State} {atAddress.Owner} in the ledger, the kernel routes it to {link.HostInterface} of {owner}"), now);
    }

    private static bool IsLeaving(LedgerEntry entry, Owner owner) =>
        entry.State == AddressState.Detaching && entry.Owner == owner;

    private static bool Adopt(AddressLedger ledger, KernelLink link, List<string> findings, DateTimeOffset now)
    {
        // Without a route nobody can say which address the pod has: the link goes, so that no address is used twice.
        if (link.Address.IsNone)
            return false;
        if (link.Owner is null)
        {
            var entry = ledger.Restore(Blank(link.Address, now), now, hold: false);
            return Contradict(ledger, entry, [], findings, Text($"{link.HostInterface} routes {link.Address} and its alias can't be read"), now);
        }

        findings.Add(Text($"{link.Address} is taken over from the link {link.HostInterface} for {link.Owner}"));
        ledger.Restore(
            Blank(link.Address, now) with
            {
                State = AddressState.Assigned,
                Owner = link.Owner,
                HostInterface = link.HostInterface,
                Plumbed = true,
            },
            now,
            hold: true);
        return true;
    }

    private static bool Contradict(
        AddressLedger ledger, LedgerEntry entry, IReadOnlyList<Owner> claimants, List<string> findings, string reason, DateTimeOffset now)
    {
        findings.Add(Text($"{entry.Address} is quarantined: {reason}"));
        ledger.Quarantine(entry, claimants, reason, now);
        return true;
    }

    private static string Is(SandboxWord word) => word == SandboxWord.Lives ? "runs" : "is not known: the container runtime does not answer";

    private static Owner[] Claims(LedgerEntry entry, Owner owner) =>
        entry.Owner is null ? [.. entry.Claimants, owner] : [entry.Owner, .. entry.Claimants, owner];

    private static LedgerRecord Blank(IpAddress address, DateTimeOffset now) =>
        new(address, AddressState.Free, null, string.Empty, 0, false, now, now, string.Empty);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

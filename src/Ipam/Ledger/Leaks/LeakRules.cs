using System.Collections.Immutable;
using System.Globalization;

namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>One thing that a look shows to be wrong.</summary>
/// <param name="Step">What would put it right.</param>
/// <param name="WaitsForGrace">It takes something away from somebody, so time has to pass.</param>
/// <param name="IsUncertain">The container runtime was silent: this look neither confirms nor refutes it.</param>
internal readonly record struct LeakFault(LeakStep Step, bool WaitsForGrace, bool IsUncertain);

/// <summary>What one look shows to be wrong, without regard to earlier ones.</summary>
internal static class LeakRules
{
    public static IEnumerable<LeakFault> Faults(NodeLook look, ImmutableSortedSet<string> known)
    {
        var attached = look.Links.Where(link => !link.Detached).OrderBy(link => link.HostInterface, StringComparer.Ordinal).ToArray();
        foreach (var seen in look.Ledger)
        {
            foreach (var fault in FaultsOf(look, seen, attached, known))
                yield return fault;
        }

        foreach (var link in attached)
        {
            if (FaultOf(look, link) is { } fault)
                yield return fault;
        }
    }

    /// <summary>Holder, last holder and claimants.</summary>
    public static IEnumerable<Owner> OwnersOf(LedgerRecord record) =>
        record.Owner is { } owner ? record.Claimants.Prepend(owner) : record.Claimants;

    private static IEnumerable<LeakFault> FaultsOf(NodeLook look, SeenEntry seen, KernelLink[] attached, ImmutableSortedSet<string> known)
    {
        var record = seen.Record;
        if (record.State == AddressState.Assigned && record.Plumbed && record.Owner is { } owner && !look.Adding.Contains(owner))
        {
            var link = attached.FirstOrDefault(link => IsLinkOf(link, record, owner));
            return Of(link is null ? WithoutLink(look, seen, owner) : WithLink(look, seen, owner, link, known));
        }

        if (record.State != AddressState.Quarantined)
            return [];
        if (record.Claimants.Count > 0)
            return record.Claimants.Select(claimant => DeadClaim(look, record, claimant, attached)).OfType<LeakFault>();
        var lift = new LeakStep.LiftQuarantine(record.Address, "no link routes it and nobody claims it");
        return attached.Any(link => link.Address == record.Address) ? [] : [new LeakFault(lift, WaitsForGrace: true, IsUncertain: false)];
    }

    // The pod can't use the address without its link: only a sandbox that lives says that there is something to keep.
    private static LeakFault? WithoutLink(NodeLook look, SeenEntry seen, Owner owner)
    {
        var record = seen.Record;
        var word = look.Sandboxes.WordOn(owner.ContainerId);
        if (word == SandboxWord.Lives)
        {
            var complaint = new LeakStep.Complain(
                Text($"{owner}/{seen.Attachment}"),
                Text($"the sandbox of {owner} runs, and its link {record.HostInterface} is gone: it keeps {record.Address}; delete the pod to mend it"));
            return new LeakFault(complaint, WaitsForGrace: false, IsUncertain: false);
        }

        var reason = word == SandboxWord.NoWitness
            ? Text($"the link {record.HostInterface} of {owner} is gone and no DEL came")
            : Text($"the link {record.HostInterface} of {owner} and its sandbox are gone and no DEL came");
        return new LeakFault(
            new LeakStep.FreeAttachment(owner, seen.Attachment, record.Address, reason), WaitsForGrace: true, word == SandboxWord.Silent);
    }

    private static LeakFault? WithLink(NodeLook look, SeenEntry seen, Owner owner, KernelLink link, ImmutableSortedSet<string> known)
    {
        var record = seen.Record;
        if (!link.Address.IsNone && link.Address != record.Address)
        {
            var reason = Text($"the ledger gives {record.Address} to {owner}, the kernel routes {link.Address} to its link {link.HostInterface}");
            return new LeakFault(
                new LeakStep.QuarantineAddress(record.Address, record.State, seen.Attachment, [owner], reason), WaitsForGrace: false, IsUncertain: false);
        }

        // A link that stands may be that of a container which another program than this runtime made. Only of a sandbox that
        // the runtime knew itself its word counts; a runtime that knows none at all has lost its memory.
        var word = look.Sandboxes.WordOn(owner.ContainerId);
        if (!known.Contains(owner.ContainerId) || word is not (SandboxWord.Gone or SandboxWord.Silent))
            return null;
        return new LeakFault(
            new LeakStep.FreeAttachment(
                owner, seen.Attachment, record.Address, Text($"the sandbox of {owner}, which the container runtime knew, is gone and no DEL came")),
            WaitsForGrace: true,
            word == SandboxWord.Silent || look.Sandboxes.Count == 0);
    }

    private static LeakFault? DeadClaim(NodeLook look, LedgerRecord record, Owner claimant, KernelLink[] attached)
    {
        var word = look.Sandboxes.WordOn(claimant.ContainerId);
        if (attached.Any(link => link.Owner == claimant) || look.Adding.Contains(claimant) || word is not (SandboxWord.Gone or SandboxWord.Silent))
            return null;
        return new LeakFault(
            new LeakStep.FreeAttachment(claimant, 0, record.Address, Text($"the link and the sandbox of {claimant}, who claimed it, are gone")),
            WaitsForGrace: true,
            word == SandboxWord.Silent);
    }

    private static LeakFault? FaultOf(NodeLook look, KernelLink link)
    {
        if (look.Busy.Contains(link.HostInterface) || (link.Owner is { } adding && look.Adding.Contains(adding)))
            return null;
        var atAddress = link.Address.IsNone ? default(SeenEntry?) : look.Ledger.Where(seen => seen.Record.Address == link.Address).Cast<SeenEntry?>().FirstOrDefault();
        if (atAddress is { } there && StandsFor(there.Record, link))
            return null;
        var stands = look.Ledger.Any(seen => StandsFor(seen.Record, link));
        if (stands && atAddress is null)
            return null;
        var word = link.Owner is { } owner ? look.Sandboxes.WordOn(owner.ContainerId) : SandboxWord.NoWitness;
        if (!stands && link.Owner is not null && (word is SandboxWord.Gone or SandboxWord.Silent || link.Address.IsNone))
            return Orphan(link, word);
        return link.Address.IsNone ? null : Disputed(link, atAddress);
    }

    private static LeakFault Orphan(KernelLink link, SandboxWord word)
    {
        if (word is SandboxWord.Lives or SandboxWord.Stopped)
        {
            var complaint = new LeakStep.Complain(
                link.HostInterface,
                Text($"the link {link.HostInterface} of {link.Owner} has neither a route nor an entry in the ledger, and its sandbox is there; delete the pod to mend it"));
            return new LeakFault(complaint, WaitsForGrace: false, IsUncertain: false);
        }

        var reason = Text($"the link {link.HostInterface} of {link.Owner} is in no entry of the ledger and no sandbox is known for it");
        return new LeakFault(new LeakStep.RemoveLink(link, reason), WaitsForGrace: true, word == SandboxWord.Silent);
    }

    // A link of one owner routes an address that the ledger gives to another, or to nobody.
    private static LeakFault? Disputed(KernelLink link, SeenEntry? atAddress)
    {
        // What leaves is not settled yet.
        if (atAddress?.Record.State is AddressState.Detaching)
            return null;
        if (atAddress?.Record is { State: AddressState.Quarantined } quarantined && (link.Owner is null || quarantined.Claimants.Contains(link.Owner)))
            return null;
        Owner[] claimants = [.. (atAddress is { } seen ? OwnersOf(seen.Record) : []).Append(link.Owner!).Where(owner => owner is not null).Distinct()];
        var reason = atAddress is { } there
            ? Text($"{there.Record.Address} is {there.Record.State} {there.Record.Owner} in the ledger, the kernel routes it to {link.HostInterface} of {Name(link.Owner)}")
            : Text($"the kernel routes {link.Address} to {link.HostInterface} of {Name(link.Owner)}, and the ledger does not know it");
        return new LeakFault(
            new LeakStep.QuarantineAddress(link.Address, atAddress?.Record.State, atAddress?.Attachment ?? 0, claimants, reason, link.Owner is not null && claimants.Length == 1 ? link.HostInterface : string.Empty),
            WaitsForGrace: false,
            IsUncertain: false);
    }

    private static bool StandsFor(LedgerRecord record, KernelLink link) =>
        record.State is AddressState.Assigned or AddressState.Detaching or AddressState.Quarantined
        && (record.HostInterface == link.HostInterface || (link.Owner is { } owner && OwnersOf(record).Contains(owner)));

    private static bool IsLinkOf(KernelLink link, LedgerRecord record, Owner owner) =>
        link.Owner == owner || link.HostInterface == record.HostInterface;

    private static IEnumerable<LeakFault> Of(LeakFault? fault) => fault is { } one ? [one] : [];

    private static string Name(Owner? owner) => owner?.ToString() ?? "nobody (its alias can't be read)";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;

namespace Vnetcni.Dataplane.Linux.Snat;

/// <summary>Compares the kernel's table with the one that is wanted.</summary>
internal static class EgressAudit
{
    private const int Attempts = 5;
    private const uint Asleep = 1;

    /// <summary>
    /// What is wrong, one sentence each. <paramref name="known"/> is what was found right after the rules were made: a rule
    /// that was replaced since has another handle, though it may look the same. Gives what was found.
    /// </summary>
    public static IReadOnlyList<string> Run(NetlinkSocket socket, EgressTable wanted, NftTableState? known, out NftTableState? found)
    {
        var faults = new List<string>();
        for (var attempt = 1; ; attempt++)
        {
            faults.Clear();
            var generation = NftTableState.Generation(socket);
            found = NftTableState.Read(socket, EgressTable.Name);
            Compare(socket, wanted, known, found, faults);
            // Several questions make one answer only when nothing changed meanwhile.
            if (attempt == Attempts || faults.Count == 0 || NftTableState.Generation(socket) == generation)
                return faults;
        }
    }

    private static void Compare(NetlinkSocket socket, EgressTable wanted, NftTableState? known, NftTableState? found, List<string> faults)
    {
        if (wanted.Chains.Count == 0)
        {
            if (found is not null)
                faults.Add($"table ip {EgressTable.Name} exists, and none is wanted");
            return;
        }
        if (found is null)
        {
            faults.Add($"table ip {EgressTable.Name} is gone");
            return;
        }
        if (known is not null && known.Handle != found.Handle)
            faults.Add($"table ip {EgressTable.Name} is another one");
        if ((found.Flags & Asleep) != 0)
            faults.Add($"table ip {EgressTable.Name} is asleep (flag dormant)");
        foreach (var chain in wanted.Chains)
            CompareChain(NftTableState.Chain(socket, EgressTable.Name, chain.Name), chain, faults);
        CompareSet(socket, wanted.Pods, wanted.PodElements, faults);
        CompareSet(socket, wanted.Untranslated, wanted.UntranslatedElements, faults);
        if (wanted.NicMarkElements is { } marks)
            CompareMarks(NftTableState.RawElements(socket, EgressTable.Name, wanted.NicMarks), marks, wanted.NicMarks, faults);
        var objects = wanted.Chains.Count + (wanted.PodElements is null ? 0 : 2) + (wanted.Nics.Count == 0 ? 0 : 1);
        if (found.Use != objects)
            faults.Add($"table ip {EgressTable.Name} has {found.Use} chains and sets, not {objects}");
        CompareRules(wanted, known, found, faults);
    }

    private static void CompareChain(NftChainState? found, NftChain wanted, List<string> faults)
    {
        if (found is null)
            faults.Add($"chain {wanted.Name} is gone");
        else if (found.Type != wanted.Type || (found.Hook ?? 0) != wanted.Hook || found.Priority != wanted.Priority)
            faults.Add($"chain {wanted.Name} is of type '{found.Type}', hook {found.Hook}, priority {found.Priority}");
        else if (found.Policy != NftConstants.VerdictAccept)
            faults.Add($"chain {wanted.Name} has another policy than accept");
    }

    private static void CompareSet(NetlinkSocket socket, string set, IReadOnlyList<NftElement>? wanted, List<string> faults)
    {
        if (wanted is null)
            return;
        var found = NftTableState.Elements(socket, EgressTable.Name, set);
        if (found is null)
            faults.Add($"set {set} is gone");
        else if (!found.SequenceEqual(wanted))
            faults.Add($"set {set} has {found.Count} elements other than the {wanted.Count} that are wanted");
    }

    private static void CompareMarks(IReadOnlyDictionary<string, string>? found, IReadOnlyDictionary<string, string> wanted, string map, List<string> faults)
    {
        if (found is null)
            faults.Add($"map {map} is gone");
        else if (found.Count != wanted.Count || wanted.Any(pair => found.GetValueOrDefault(pair.Key) != pair.Value))
            faults.Add($"map {map} has {found.Count} elements other than the {wanted.Count} that are wanted");
    }

    private static void CompareRules(EgressTable wanted, NftTableState? known, NftTableState found, List<string> faults)
    {
        foreach (var chain in wanted.Chains)
        {
            var comments = wanted.Rules.Where(rule => rule.Chain == chain.Name).Select(rule => rule.Comment);
            if (!found.Rules.Where(rule => rule.Chain == chain.Name).Select(rule => rule.Comment).SequenceEqual(comments, StringComparer.Ordinal))
                faults.Add($"the rules of chain {chain.Name} are not ours");
        }
        if (faults.Count == 0 && known is not null && !known.Rules.SequenceEqual(found.Rules))
            faults.Add($"rules of table ip {EgressTable.Name} were replaced");
    }
}

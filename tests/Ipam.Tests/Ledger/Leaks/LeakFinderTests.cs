using CsCheck;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.Ledger.Leaks;
using Xunit;
using static Vnetcni.Ipam.Tests.Ledger.LedgerFixture;

namespace Vnetcni.Ipam.Tests.Ledger.Leaks;

public class LeakFinderTests
{
    private static readonly LeakPolicy Policy = new() { Looks = 2, Grace = TimeSpan.FromSeconds(100) };

    [Fact]
    public void Nothing_is_freed_at_first_sight_nor_before_the_grace_period_is_over()
    {
        var look = Look(Entries(Held(1)), [], Sandboxes());
        Assert.Equal([60], TimesOfSteps(new LeakPolicy { Grace = TimeSpan.Zero }, (0, look), (60, look)));
        Assert.Equal([100], TimesOfSteps(Policy, (0, look), (60, look), (99, look), (100, look)));
        Assert.Equal([101], TimesOfSteps(Policy with { Looks = 3 }, (0, look), (100, look), (101, look)));
        // One look alone never frees, whatever the settings say.
        Assert.Equal([1], TimesOfSteps(new LeakPolicy { Grace = TimeSpan.Zero, Looks = 0 }, (0, look), (1, look)));
    }

    [Fact]
    public void A_look_that_shows_the_contrary_starts_anew()
    {
        var bad = Look(Entries(Held(1)), [], Sandboxes());
        var good = Look(Entries(Held(1)), [Link(1, 1)], Sandboxes());
        Assert.Equal([200], TimesOfSteps(Policy, (0, bad), (60, bad), (90, good), (100, bad), (160, bad), (200, bad)));
    }

    [Fact]
    public void A_silent_runtime_neither_confirms_nor_refutes()
    {
        var bad = Look(Entries(Held(1)), [], Sandboxes());
        var silent = bad with { Sandboxes = SandboxWitness.Silent };
        Assert.Empty(TimesOfSteps(Policy, (0, silent), (100, silent), (200, silent)));
        // The looks before and after count, and the time between.
        Assert.Equal([300], TimesOfSteps(Policy, (0, bad), (100, silent), (200, silent), (300, bad)));
    }

    [Fact]
    public void Another_attachment_of_the_same_owner_is_another_matter()
    {
        var first = Look(Entries(Held(1)), [], Sandboxes());
        var second = Look([new SeenEntry(first.Ledger[0].Record, 2)], [], Sandboxes());
        Assert.Equal([220], TimesOfSteps(Policy, (0, first), (99, first), (120, second), (180, second), (220, second)));
    }

    [Fact]
    public void A_step_that_did_not_help_comes_again_after_as_long()
    {
        var look = Look(Entries(Held(1)), [], Sandboxes());
        Assert.Equal([100, 300], TimesOfSteps(Policy, (0, look), (100, look), (200, look), (300, look), (390, look)));
    }

    [Fact]
    public void What_can_only_be_said_is_said_once_until_it_is_over()
    {
        var bad = Look(Entries(Held(1)), [], Sandboxes(1));
        var good = Look(Entries(Held(1)), [Link(1, 1)], Sandboxes(1));
        Assert.Equal([1, 11], TimesOfSteps(Policy, (0, bad), (1, bad), (2, bad), (3, good), (10, bad), (11, bad), (12, bad)));
    }

    [Theory]
    [InlineData("gone", true)]
    [InlineData("stopped", true)]
    [InlineData("none", true)]
    [InlineData("lives", false)]
    [InlineData("silent", false)]
    public void A_holder_without_a_link_is_freed_unless_its_sandbox_may_live(string word, bool freed)
    {
        var step = Settled(Look(Entries(Held(1)), [], Witness(word))).OfType<LeakStep.FreeAttachment>().SingleOrDefault();
        Assert.Equal(freed, step is not null);
        if (step is not null)
            Assert.Equal((Pod(1), 1L, Ip(1)), (step.Owner, step.Attachment, step.Address));
    }

    [Theory]
    [InlineData("gone", true)]
    [InlineData("stopped", false)]
    [InlineData("none", false)]
    [InlineData("lives", false)]
    [InlineData("silent", false)]
    [InlineData("empty", false)]
    public void A_holder_with_its_link_is_freed_only_when_a_runtime_that_knew_its_sandbox_knows_it_no_more(string word, bool freed)
    {
        var look = Look(Entries(Held(1)), [Link(1, 1)], Witness(word));
        Assert.Empty(Settled(look));
        var memory = LeakFinder.Look(LeakMemory.Nothing, look with { Sandboxes = Sandboxes(1) }, Policy, Start).Memory;
        Assert.Equal(freed ? 1 : 0, Settled(look, memory).Count);
    }

    [Fact]
    public void An_ADD_that_runs_is_left_alone_with_and_without_its_link()
    {
        var entry = Held(1) with { Plumbed = false };
        Assert.Empty(Settled(Look(Entries(entry), [], Sandboxes())));
        var adding = Look(Entries(Held(1)), [], Sandboxes()) with { Adding = new HashSet<Owner> { Pod(1) } };
        Assert.Empty(Settled(adding));
        Assert.Empty(Settled(Look([], [Link(1, 1)], Sandboxes()) with { Adding = new HashSet<Owner> { Pod(1) } }));
        Assert.Empty(Settled(Look([], [Link(1, 1)], Sandboxes()) with { Busy = new HashSet<string> { "azvc1" } }));
    }

    [Theory]
    [InlineData("gone", "remove", "remove")]
    [InlineData("none", "quarantine", "remove")]
    [InlineData("lives", "quarantine", "complain")]
    [InlineData("stopped", "quarantine", "complain")]
    [InlineData("silent", "", "")]
    public void What_becomes_of_a_link_that_is_in_no_entry(string word, string routed, string unrouted)
    {
        Assert.Equal(routed, Kind(Settled(Look(Entries(Free(1)), [Link(1, 1)], Witness(word)))));
        Assert.Equal(routed, Kind(Settled(Look([], [Link(1, 1)], Witness(word)))));
        Assert.Equal(unrouted, Kind(Settled(Look([], [Link(1, 0)], Witness(word)))));
        Assert.Empty(Settled(Look([], [Link(1, 0) with { Detached = true }], Witness(word))));
    }

    [Fact]
    public void A_link_that_routes_another_holders_address_quarantines_it_for_both()
    {
        var step = Assert.IsType<LeakStep.QuarantineAddress>(Assert.Single(
            Settled(Look(Entries(Held(1), Held(2)), [Link(1, 1), Link(2, 1)], Sandboxes(1, 2))), s => s is LeakStep.QuarantineAddress { Address: var a } && a == Ip(1)));
        Assert.Equal([Pod(1), Pod(2)], step.Claimants);
        Assert.Equal((AddressState.Assigned, 1), (step.Was!.Value, step.Attachment));
    }

    [Fact]
    public void Each_address_that_ledger_and_kernel_disagree_about_is_quarantined_and_no_other()
    {
        var steps = Settled(Look(Entries(Held(1), Free(2), Held(3)), [Link(1, 2), Link(3, 3)], Sandboxes(1, 3)));
        Assert.Equal([Ip(1), Ip(2)], steps.Cast<LeakStep.QuarantineAddress>().Select(step => step.Address).Order());
        Assert.All(steps.Cast<LeakStep.QuarantineAddress>(), step => Assert.Equal([Pod(1)], step.Claimants));
    }

    [Theory]
    [InlineData(AddressState.Free, true)]
    [InlineData(AddressState.Cooling, true)]
    [InlineData(AddressState.Offered, true)]
    [InlineData(AddressState.Withdrawing, true)]
    [InlineData(AddressState.Detaching, false)]
    public void An_address_that_a_living_link_routes_is_nobody_elses_unless_it_is_on_its_way_out(AddressState state, bool quarantined) =>
        Assert.Equal(quarantined, Settled(Look(Entries(Record(1, state)), [Link(1, 1)], Sandboxes(1))) is [LeakStep.QuarantineAddress { Claimants: [var one] }] && one == Pod(1));

    [Fact]
    public void A_quarantine_ends_claim_by_claim_and_then_by_itself()
    {
        var claimed = Record(1, AddressState.Quarantined) with { Claimants = [Pod(1), Pod(2)] };
        Assert.Empty(Settled(Look(Entries(claimed), [Link(1, 1), Link(2, 0)], Sandboxes())));
        Assert.Empty(Settled(Look(Entries(claimed), [], SandboxWitness.None)));
        Assert.Empty(Settled(Look(Entries(claimed), [], Sandboxes(1, 2))));
        Assert.Equal(
            [(Pod(2), 0)], Settled(Look(Entries(claimed), [], Sandboxes(1))).Cast<LeakStep.FreeAttachment>().Select(step => (step.Owner, step.Attachment)));
        var unclaimed = Look(Entries(Record(1, AddressState.Quarantined)), [], SandboxWitness.None);
        Assert.IsType<LeakStep.LiftQuarantine>(Assert.Single(Settled(unclaimed)));
        Assert.Empty(Settled(unclaimed with { Links = [new KernelLink(null, "azvx", Ip(1), false)] }));
    }

    [Fact]
    public void A_link_whose_alias_can_not_be_read_quarantines_its_address_for_its_holder()
    {
        var look = Look(Entries(Held(1)), [Link(1, 1), new KernelLink(null, "azvx", Ip(1), false)], Sandboxes(1));
        // Its own link stands for it: the other one does not make it doubtful whose it is, but nobody else may get it.
        Assert.Equal([Pod(1)], Assert.IsType<LeakStep.QuarantineAddress>(Assert.Single(Settled(look))).Claimants);
        Assert.Empty(Settled(Look([], [new KernelLink(null, "azvx", default, false)], SandboxWitness.None)));
    }

    [Fact]
    public void Whatever_is_seen_nothing_that_somebody_may_use_is_taken_away() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[0, 4], Gen.Bool).Array[0, 5].Select(
            Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Bool).Array[0, 5],
            Gen.Int[0, 2].Array[5],
            Gen.Int[0, 3],
            Gen.Bool).Array[2, 12].Sample(looks =>
        {
            var memory = LeakMemory.Nothing;
            var at = Start;
            var history = new List<NodeLook>();
            foreach (var (entries, links, words, mode, adds) in looks)
            {
                var look = Random(entries, links, words, mode, adds);
                history.Add(look);
                at += TimeSpan.FromSeconds(60);
                var outcome = LeakFinder.Look(memory, look, Policy, at);
                memory = outcome.Memory;
                foreach (var step in outcome.Steps)
                    AssertSafe(step, look, history);
                Assert.True(memory.Count <= 3 * (look.Ledger.Count + look.Links.Count) + 16);
                // The same again gives the same.
                Assert.Equal(outcome.Steps.Select(s => s.Reason), LeakFinder.Look(Replay(history), look, Policy, at).Steps.Select(s => s.Reason));
            }
        }, iter: 3000);

    private static void AssertSafe(LeakStep step, NodeLook look, List<NodeLook> history)
    {
        switch (step)
        {
            case LeakStep.FreeAttachment free:
                Assert.DoesNotContain(free.Owner, look.Adding);
                var word = look.Sandboxes.WordOn(free.Owner.ContainerId);
                Assert.True(word is not (SandboxWord.Lives or SandboxWord.Silent), $"{word}");
                var linked = look.Links.Any(link => link.Owner == free.Owner && !link.Detached);
                // With its link standing only when the runtime knew it once and speaks with knowledge now.
                Assert.True(!linked || (word == SandboxWord.Gone && look.Sandboxes.Count > 0
                    && history.Any(past => past.Sandboxes.WordOn(free.Owner.ContainerId) is SandboxWord.Lives or SandboxWord.Stopped)));
                break;
            case LeakStep.RemoveLink remove:
                Assert.Contains(remove.Link, look.Links);
                Assert.DoesNotContain(remove.Link.Owner!, look.Adding);
                Assert.True(look.Sandboxes.WordOn(remove.Link.Owner!.ContainerId) is SandboxWord.Gone or SandboxWord.NoWitness);
                Assert.DoesNotContain(look.Ledger, seen => seen.Record.State == AddressState.Assigned && seen.Record.Owner == remove.Link.Owner);
                break;
            case LeakStep.QuarantineAddress quarantine:
                Assert.NotEqual(AddressState.Detaching, quarantine.Was);
                // Its present holder and claimants stay claimants.
                foreach (var seen in look.Ledger.Where(seen => seen.Record.Address == quarantine.Address && seen.Record.State == AddressState.Assigned))
                    Assert.Contains(seen.Record.Owner!, quarantine.Claimants);
                break;
        }
    }

    private static LeakMemory Replay(List<NodeLook> history)
    {
        var memory = LeakMemory.Nothing;
        for (var i = 0; i < history.Count - 1; i++)
            memory = LeakFinder.Look(memory, history[i], Policy, Start + TimeSpan.FromSeconds(60 * (i + 1))).Memory;
        return memory;
    }

    private static NodeLook Random((int State, int Owner, bool Flag)[] entries, (int Owner, int Address, bool Detached)[] links, int[] words, int mode, bool adds)
    {
        var holders = new HashSet<int>();
        var records = new List<LedgerRecord>();
        for (var i = 0; i < entries.Length; i++)
        {
            var state = (AddressState)entries[i].State;
            if (state is AddressState.Assigned or AddressState.Detaching && (entries[i].Owner == 0 || !holders.Add(entries[i].Owner)))
                state = AddressState.Free;
            var owner = state is AddressState.Assigned or AddressState.Detaching ? Pod(entries[i].Owner) : null;
            records.Add(Record(i + 1, state, owner, plumbed: entries[i].Flag) with
            {
                Claimants = state == AddressState.Quarantined && entries[i].Owner > 0 ? [Pod(entries[i].Owner)] : [],
            });
        }

        var known = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        for (var n = 1; n < words.Length; n++)
        {
            if (words[n] > 0)
                known[$"c{n}"] = words[n] == 2;
        }

        return Look(Entries([.. records]), [.. links.Select((link, i) => new KernelLink(
            link.Owner == 0 ? null : Pod(link.Owner), link.Owner == 0 ? $"azvx{i}" : $"azvc{link.Owner}", link.Address == 0 ? default : Ip(link.Address), link.Detached))],
            mode switch { 0 => SandboxWitness.None, 1 => SandboxWitness.Silent, _ => SandboxWitness.Listing(known) }) with
        {
            Adding = adds ? new HashSet<Owner> { Pod(1) } : new HashSet<Owner>(),
        };
    }

    private static NodeLook Look(IReadOnlyList<SeenEntry> entries, KernelLink[] links, SandboxWitness sandboxes) =>
        new() { Ledger = entries, Links = links, Sandboxes = sandboxes };

    private static SeenEntry[] Entries(params LedgerRecord[] records) =>
        [.. records.Select((record, i) => new SeenEntry(record, record.State == AddressState.Assigned ? i + 1 : 0))];

    private static LedgerRecord Held(int n) => Record(n, AddressState.Assigned, Pod(n));

    private static LedgerRecord Free(int n) => Record(n, AddressState.Free);

    private static KernelLink Link(int pod, int address) => new(Pod(pod), $"azvc{pod}", address == 0 ? default : Ip(address), false);

    private static SandboxWitness Sandboxes(params int[] running) =>
        SandboxWitness.Listing(running.Select(n => $"c{n}").Append("host").ToDictionary(id => id, _ => true));

    private static SandboxWitness Witness(string word) => word switch
    {
        "gone" => Sandboxes(),
        "lives" => Sandboxes(1),
        "stopped" => SandboxWitness.Listing(new Dictionary<string, bool> { ["c1"] = false }),
        "silent" => SandboxWitness.Silent,
        "empty" => SandboxWitness.Listing(new Dictionary<string, bool>()),
        _ => SandboxWitness.None,
    };

    private static string Kind(IReadOnlyList<LeakStep> steps) => string.Join(',', steps.Select(step => step switch
    {
        LeakStep.RemoveLink => "remove",
        LeakStep.QuarantineAddress => "quarantine",
        LeakStep.Complain => "complain",
        _ => step.GetType().Name,
    }));

    // What comes of a state that lasts.
    private static IReadOnlyList<LeakStep> Settled(NodeLook look, LeakMemory? memory = null)
    {
        var first = LeakFinder.Look(memory ?? LeakMemory.Nothing, look, Policy, Start);
        Assert.Empty(first.Steps);
        var second = LeakFinder.Look(first.Memory, look, Policy, Start + Policy.Grace);
        return second.Steps;
    }

    private static int[] TimesOfSteps(LeakPolicy policy, params (int At, NodeLook Look)[] looks)
    {
        var memory = LeakMemory.Nothing;
        List<int> times = [];
        foreach (var (at, look) in looks)
        {
            var outcome = LeakFinder.Look(memory, look, policy, Start.AddSeconds(at));
            memory = outcome.Memory;
            times.AddRange(outcome.Steps.Select(_ => at));
        }

        return [.. times];
    }
}

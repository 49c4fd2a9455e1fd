using Vnetcni.Dataplane.Linux.Node;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>RTM_DELLINK by group deletes whatever is in the group: nobody else's link may ever be.</summary>
public sealed class SweepGroupTests
{
    private const string Seed = "boot-id-of-the-test";

    [Fact]
    public async Task A_number_that_a_foreign_link_has_is_not_used()
    {
        using var bed = new DataplaneBed(Seed, prepare: false);
        var taken = SweepGroup.NumberOf(Seed, "sweep", 0);
        bed.Node.Ip($"link add foreign0 group {taken} type bridge");
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        Assert.Equal(SweepGroup.NumberOf(Seed, "sweep", 1), GroupOf(bed, "vn0"));
        await bed.Network.ReapAsync(Token);
        Assert.Equal(["foreign0"], bed.PodLinks());
    }

    [Fact]
    public async Task A_foreign_link_that_comes_later_makes_prepare_move_to_another_number()
    {
        using var bed = new DataplaneBed(Seed);
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        var first = SweepGroup.NumberOf(Seed, "sweep", 0);
        Assert.Equal(first, GroupOf(bed, "vn0"));
        bed.Node.Ip($"link add foreign0 group {first} type bridge");
        await bed.Network.PrepareAsync([], Token);
        Assert.Equal(SweepGroup.NumberOf(Seed, "sweep", 1), GroupOf(bed, "vn0"));
        await bed.Network.ReapAsync(Token);
        Assert.Equal(["foreign0"], bed.PodLinks());
    }

    [Fact]
    public async Task With_every_number_taken_nothing_is_detached_or_deleted()
    {
        using var bed = new DataplaneBed(Seed, prepare: false) { LooksForLeaks = false };
        for (var attempt = 0; attempt < 16; attempt++)
            bed.Node.Ip($"link add foreign{attempt} group {SweepGroup.NumberOf(Seed, "sweep", attempt)} type bridge");
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.PrepareAsync([], Token));
        Assert.Contains("16 link groups", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.ReapAsync(Token));
        Assert.Equal(16, bed.PodLinks().Length);
    }

    [Fact]
    public async Task A_restarted_agent_finds_and_reaps_what_the_last_one_detached()
    {
        using var bed = new DataplaneBed(Seed);
        await bed.Network.AttachAsync(bed.Request(bed.Pod(), 0), Token);
        await bed.Network.AttachAsync(bed.Request(bed.Pod(), 1), Token);
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        bed.Network.Dispose();

        var restarted = bed.Start(Seed);
        await restarted.PrepareAsync([], Token);
        var found = await restarted.ListAsync(Token);
        Assert.Equal([("vn0", true), ("vn1", false)], found.Select(link => (link.Name, link.Detached)));
        Assert.Equal([null, Address(1)], found.Select(link => link.Address));
        await restarted.ReapAsync(Token);
        Assert.Equal(["vn1"], bed.PodLinks());
        Assert.True(bed.Node.Ping($"{Address(1)}"));
    }

    [Fact]
    public async Task A_restarted_agent_deletes_what_was_killed_before_it_had_an_alias()
    {
        using var bed = new DataplaneBed(Seed, prepare: false);
        var birth = SweepGroup.NumberOf(Seed, "birth", 0);
        var pod = bed.Pod();
        bed.Node.Ip($"link add vn0 group {birth} type veth peer name eth0 netns {pod.Path}");
        bed.Node.Ip($"link add bridge0 group {birth} type bridge");
        bed.Node.Ip($"link add vn1 group {birth} type veth peer name vn2");
        bed.Node.Ip("link set vn1 alias somebody:else");
        await bed.Network.PrepareAsync([], Token);
        Assert.Equal(["bridge0", "vn2", "vn1"], bed.PodLinks());
        Assert.Single(pod.IpJson("link show"));
    }

    [Fact]
    public void The_numbers_are_never_the_default_group_and_the_same_for_a_boot()
    {
        Assert.Equal(SweepGroup.NumberOf(Seed, "sweep", 0), SweepGroup.NumberOf(Seed, "sweep", 0));
        for (var i = 0; i < 1000; i++)
            Assert.InRange(SweepGroup.NumberOf($"{i}", "sweep", 0), 1u, (uint)int.MaxValue);
        Assert.True(Enumerable.Range(0, 1000).Select(i => SweepGroup.NumberOf($"{i}", "sweep", 0)).Distinct().Count() > 990);
    }

    private static uint GroupOf(DataplaneBed bed, string link) =>
        uint.Parse(bed.Node.IpJson($"link show dev {link}")[0].GetProperty("group").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}

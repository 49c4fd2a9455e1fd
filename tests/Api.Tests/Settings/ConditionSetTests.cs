using Vnetcni.Api.Conditions;

namespace Vnetcni.Api.Tests.Settings;

public sealed class ConditionSetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    [Fact]
    public void The_transition_time_moves_only_with_the_status()
    {
        var first = ConditionSet.Set(null, "Ready", true, "InSync", "ok", 1, Start);
        var second = ConditionSet.Set(first, "Ready", true, "Growing", "more", 2, Start.AddMinutes(1));
        var third = ConditionSet.Set(second, "Ready", false, "Forbidden", "no", 2, Start.AddMinutes(2));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), first.Single().LastTransitionTime);
        Assert.Equal(first.Single().LastTransitionTime, second.Single().LastTransitionTime);
        Assert.Equal("Growing", second.Single().Reason);
        Assert.Equal(third.Single().LastTransitionTime, first.Single().LastTransitionTime!.Value.AddMinutes(2));
    }

    [Fact]
    public void Nothing_new_gives_the_same_list()
    {
        var first = ConditionSet.Set(null, "Ready", null, "InSync", "ok", 1, Start);
        Assert.Same(first, ConditionSet.Set(first, "Ready", null, "InSync", "ok", 1, Start.AddHours(1)));
        Assert.Same(first, ConditionSet.Remove(first, "Stalled"));
        Assert.Equal(ConditionSet.Unknown, ConditionSet.Find(first, "Ready")!.Status);
    }

    [Fact]
    public void The_list_is_ordered_by_type_and_the_old_one_is_left_alone()
    {
        var ready = ConditionSet.Set(null, "Ready", true, "InSync", "", 1, Start);
        var both = ConditionSet.Set(ready, "CapacityLow", true, "AtLimit", "", 1, Start);
        Assert.Equal(["CapacityLow", "Ready"], both.Select(condition => condition.Type));
        Assert.Single(ready);
        Assert.Equal(["CapacityLow"], ConditionSet.Remove(both, "Ready").Select(condition => condition.Type));
        Assert.True(ConditionSet.IsTrue(both, "CapacityLow"));
        Assert.False(ConditionSet.IsTrue(ready, "CapacityLow"));
    }

    [Fact]
    public void A_long_message_is_cut_at_the_schemas_bound()
    {
        var list = ConditionSet.Set(null, "Ready", false, "Forbidden", new string('x', 10_000), 1, Start);
        Assert.Equal(ConditionSet.MaxMessageLength, list.Single().Message!.Length);
        Assert.EndsWith("...", list.Single().Message);
        foreach (var plural in new[] { "nodeippools", "nodeippoolclasses", "virtualnetworks" })
        {
            var bound = Schemas.Node.All(plural).Single(node => node.Path == $"{plural}.status.conditions[].message").Schema["maxLength"]!;
            Assert.Equal(ConditionSet.MaxMessageLength, (long)bound);
        }
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.Lab.Soak.Plan;
using Xunit;

namespace Vnetcni.Lab.Tests.Soak;

public sealed class PlanTests
{
    private static readonly JsonSerializerOptions SimulatorJson = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    [Fact]
    public void A_seed_gives_the_same_bursts_again_and_another_seed_gives_others()
    {
        var once = Draw(5);
        Assert.Equal(once, Draw(5));
        Assert.NotEqual(once, Draw(6));

        static string[] Draw(ulong seed) => [.. Enumerable.Range(0, 50).Select(i => Describe(Burst.Draw(seed, 0, 1, 2, i)))];
        static string Describe(Burst burst) => $"{burst.Hold} {burst.Idle} {string.Join(';', burst.Pods)}";
    }

    [Fact]
    public void Every_machine_worker_and_part_has_a_plan_of_its_own()
    {
        string[] plans =
        [
            Describe(0, 0, 0), Describe(1, 0, 0), Describe(0, 1, 0), Describe(0, 0, 1),
        ];
        Assert.Equal(plans.Length, plans.Distinct().Count());

        static string Describe(int part, int machine, int worker) =>
            string.Join('|', Enumerable.Range(0, 20).Select(i => string.Join(';', Burst.Draw(9, part, machine, worker, i).Pods)));
    }

    [Fact]
    public void All_that_may_happen_to_a_pod_happens_within_a_few_hundred()
    {
        var pods = Enumerable.Range(0, 300).SelectMany(i => Burst.Draw(3, 0, 0, 0, i).Pods).ToArray();
        Assert.Contains(pods, pod => pod.KillClientAfter is not null);
        Assert.Contains(pods, pod => pod.AddAgain);
        Assert.Contains(pods, pod => pod.Ping);
        Assert.Contains(pods, pod => pod.StrangerDelete);
        Assert.Contains(pods, pod => pod.Check);
        Assert.Equal(Enum.GetValues<DeleteStyle>(), pods.Select(pod => pod.Delete).Distinct().Order());
        Assert.All(Enumerable.Range(0, 300), i => Assert.InRange(Burst.Draw(3, 0, 0, 0, i).Pods.Count, 1, Burst.MostPods));
    }

    [Theory]
    [InlineData(1, 15, 45)]
    [InlineData(2, 75, 45)]
    [InlineData(10, 420, 180)]
    public void Most_of_the_time_has_no_rest_and_a_part_has_one_of_30_s(int minutes, int first, int second)
    {
        var parts = SoakPart.Of(TimeSpan.FromMinutes(minutes));
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(30)], parts.Select(part => part.Cooldown));
        Assert.Equal([first, second], parts.Select(part => (int)part.Length.TotalSeconds));
    }

    [Fact]
    public void Addresses_at_rest_never_reach_the_limit_of_a_machine()
    {
        var part = SoakPart.Of(TimeSpan.FromMinutes(10))[1];
        Assert.InRange(part.PodsPerSecond!.Value * part.Cooldown.TotalSeconds, 1, 150);
    }

    [Fact]
    public void Each_round_of_disturbances_kills_a_leader_and_all_agents_but_the_last()
    {
        var part = SoakPart.Of(TimeSpan.FromMinutes(10))[0];
        var round = Disturbance.Draw(4, part, machines: 3, storms: 7).Take(5).ToArray();
        Assert.Equal([0, 1], round.Where(d => d.Kind == DisturbanceKind.KillAgent).Select(d => d.Target).Order());
        Assert.Contains(round, d => d.Kind == DisturbanceKind.KillLeader);
        Assert.Single(round, d => d.Kind == DisturbanceKind.ArmStorm);
        Assert.Equal(round, Disturbance.Draw(4, part, machines: 3, storms: 7).Take(5));
    }

    [Fact]
    public void Operators_live_through_the_part_with_a_rest()
    {
        var part = SoakPart.Of(TimeSpan.FromMinutes(10))[1];
        var some = Disturbance.Draw(4, part, machines: 3, storms: 7).Take(60).ToArray();
        Assert.DoesNotContain(some, d => d.Kind is DisturbanceKind.KillLeader or DisturbanceKind.KillStandby);
        Assert.Contains(some, d => d.Kind == DisturbanceKind.KillAgent);
    }

    [Fact]
    public void The_simulator_takes_every_fault()
    {
        using var arm = new SimulatedArm(new FakeTimeProvider(), seed: 1);
        JsonObject[] all = [.. ArmFaults.Lasting, .. ArmFaults.Storms.Select(storm => storm.Fault)];
        foreach (var fault in all)
            arm.AddFault(fault.Deserialize<Fault>(SimulatorJson)!);
        Assert.Equal(all.Length, arm.Faults.Count);
        Assert.Contains(arm.Faults, fault => fault.Fault is { Status: 429, RetryAfter: 1 });
        Assert.Contains(arm.Faults, fault => fault.Fault is { Kind: FaultKind.DropAfterCommit, Method: "PUT" });
    }
}

using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Xunit;

namespace Vnetcni.Simulation.Tests;

public sealed class OperatorTests
{
    private static readonly ObjectKey Lease = new("vnetcni-system", "vnetcni-operator");

    public static TheoryData<int> Seeds() => SimRun.SeedsFrom(300, 10);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Operators_that_all_take_themselves_for_the_leader_pass_no_limit(int seed) =>
        SimRun.Seed(seed, SimOptions.Of(seed) with { Elected = false, VNetLimit = 24 });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_leader_killed_between_its_reservation_and_the_PUT_leaves_nothing_behind(int seed)
    {
        var killed = 0;
        SimRun.Seed(seed, SimOptions.Of(seed) with { VNetLimit = 24 }, (world, workload) =>
        {
            world.Kube.Committed += change => killed += IsReservation(change) && world.Weather.IsRough && KillLeader(world) ? 1 : 0;
            return workload.RunAsync(world.Options.Rough);
        });
        Assert.True(killed > 0, "no leader was killed");
    }

    private static bool IsReservation(KubeChange change) =>
        change.Resource.StartsWith("virtualnetworks", StringComparison.Ordinal) && Reservations(change.After) > Reservations(change.Before);

    private static int Reservations(JsonObject? vnet) =>
        (vnet?["status"]?["reservations"] as JsonArray)?.Count ?? 0;

    // Every third one only: something has to go on too.
    private static bool KillLeader(SimWorld world)
    {
        var holder = (string?)world.Kube.Json(KubeKinds.Leases, Lease)?["spec"]?["holderIdentity"];
        if (world.Weather.Pick(3) > 0 || world.Operators.FirstOrDefault(o => o.Current?.Name == holder) is not { } leader)
            return false;
        leader.Kill();
        return true;
    }
}

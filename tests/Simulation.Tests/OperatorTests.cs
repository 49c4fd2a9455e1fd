using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.Runs;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.Simulation.Tests;

public sealed class OperatorTests
{
    private static readonly ObjectKey Lease = new("vnetcni-system", "vnetcni-operator");

    [Fact]
    public void Operators_that_all_take_themselves_for_the_leader_pass_no_limit() => SeedBatch.Run(
        "no election",
        SeedChoice.From(300, 10),
        seed => SimRun.Seed(
            seed,
            SimOptions.Of(seed) with { Elected = false, VNetLimit = 24 },
            test: nameof(Operators_that_all_take_themselves_for_the_leader_pass_no_limit)));

    [Fact]
    public void A_leader_killed_between_its_reservation_and_the_PUT_leaves_nothing_behind()
    {
        var killed = 0;
        var seeds = SeedChoice.From(300, 12);
        SeedBatch.Run("leader killed after its reservation", seeds, seed => KillAfterReservation(seed, () => Interlocked.Increment(ref killed)));
        Assert.True(killed == seeds.Count, $"leaders were killed in {killed} of {seeds.Count} seeds only");
    }

    private static Simulator KillAfterReservation(int seed, Action killedSome)
    {
        var killed = 0;
        // Without an election there is no leader to kill.
        var run = SimRun.Seed(seed, SimOptions.Of(seed) with { VNetLimit = 24, Elected = true }, (world, workload) =>
        {
            world.Kube.Committed += change => killed += IsReservation(change) && world.Weather.IsRough && KillLeader(world, surely: killed == 0) ? 1 : 0;
            return workload.RunAsync(world.Options.Rough);
        }, nameof(A_leader_killed_between_its_reservation_and_the_PUT_leaves_nothing_behind));
        if (killed > 0)
            killedSome();
        return run;
    }

    private static bool IsReservation(KubeChange change) =>
        change.Resource.StartsWith("virtualnetworks", StringComparison.Ordinal) && Reservations(change.After) > Reservations(change.Before);

    private static int Reservations(JsonObject? vnet) =>
        (vnet?["status"]?["reservations"] as JsonArray)?.Count ?? 0;

    // The first, then every third one only: something has to go on too.
    private static bool KillLeader(SimWorld world, bool surely)
    {
        var holder = (string?)world.Kube.Json(KubeKinds.Leases, Lease)?["spec"]?["holderIdentity"];
        if ((!surely && world.Weather.Pick(3) > 0) || world.Operators.FirstOrDefault(o => o.Current?.Name == holder) is not { } leader)
            return false;
        leader.Kill();
        return true;
    }
}

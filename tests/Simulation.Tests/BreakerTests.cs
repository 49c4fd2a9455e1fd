using System.Runtime.CompilerServices;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Simulation.Tests.Breakers;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.Runs;
using Vnetcni.Simulation.Tests.World;
using Xunit;

namespace Vnetcni.Simulation.Tests;

/// <summary>
/// Each invariant can fail: a product with one collaborator broken is caught within 200 seeds. Nothing of the product is copied; what
/// is broken stands behind an interface that it takes.
/// </summary>
public sealed class BreakerTests
{
    private const int Seeds = 200;

    [Fact]
    public void A_network_that_does_not_sweep_breaks_invariant_1() => Caught(
        OneSandboxPerAddress.Number, o => o with { Build = new SimBuild { Network = (network, _) => new NetworkThatNeverSweeps(network) } });

    [Fact]
    public void A_cooldown_that_is_not_awaited_breaks_invariant_1() => Caught(
        OneSandboxPerAddress.Number, o => o with { Build = new SimBuild { AgentTime = time => new HurriedTime(time) } });

    [Fact]
    public void An_ARM_that_confirms_before_it_has_done_breaks_invariant_2() => Caught(
        OnlyConfirmedIsAssigned.Number, o => o with { Build = new SimBuild { Arm = (arm, _) => new ArmThatConfirmsAtOnce(arm) } });

    [Fact]
    public void A_budget_written_without_its_version_breaks_invariant_3() => Caught(
        WithinLimits.Number,
        o => o with
        {
            Elected = false,
            VNetLimit = 24,
            JudgesWrites = false,
            Build = new SimBuild { OperatorKube = (api, _) => new KubeWithoutPreconditions(api, VirtualNetwork.Plural) },
        });

    [Fact]
    public void A_usage_report_without_its_version_breaks_invariant_4() => Caught(
        InUseStaysOnTheInterface.Number,
        o => o.Releasing() with
        {
            JudgesWrites = false,
            // Only a usage write that arrives after the report of the next boot does harm: here every other one arrives a second time, and
            // little else happens to the machines.
            Faults = o.Releasing().Faults with { RebootsWriting = 0.15, KubeWriteLate = 0.3, KubeWriteTwice = 0.5, KubeLateBy = 20 },
            TroubleEvery = TimeSpan.FromMinutes(10),
            Build = new SimBuild { AgentKube = (api, _) => new KubeWithoutPreconditions(api, NodeIpPool.Plural) },
        });

    [Fact]
    public void A_ledger_store_that_forgets_breaks_invariant_4() => Caught(
        InUseStaysOnTheInterface.Number,
        o => o.Releasing() with
        {
            // Only a usage write that comes late and finds its version still there does harm: most are late here, and not by much.
            Faults = o.Releasing().Faults with { RebootsWriting = 0.5, KubeWriteLate = 0.8, KubeLateBy = 8 },
            Build = new SimBuild { Store = (store, _) => new StoreThatForgets(store) },
        });

    [Fact]
    public void A_PUT_without_If_Match_breaks_invariant_5() => Caught(
        ForeignIsUntouched.Number,
        o => o with
        {
            Faults = o.Faults with { ForeignWrite = 0.2, ArmWriteLate = 0.3 },
            Build = new SimBuild { Arm = (arm, _) => new ArmWithoutIfMatch(arm) },
        });

    [Fact]
    public void A_PUT_that_drops_the_configurations_of_others_breaks_invariant_5() => Caught(
        ForeignIsUntouched.Number, o => o with { Build = new SimBuild { Arm = (arm, _) => new ArmThatForgetsOthers(arm) } });

    [Fact]
    public void A_pool_without_finalizer_breaks_invariant_6() => Caught(
        Convergence.Number,
        o => o with
        {
            TroubleEvery = TimeSpan.FromSeconds(4),
            Build = new SimBuild { OperatorKube = (api, _) => new KubeWithoutFinalizers(api, NodeIpPool.Plural) },
        });

    [Fact]
    public void A_leader_that_lists_from_memory_breaks_invariant_7() => Caught(
        InventoryBeforeMutation.Number, o => o with { Build = new SimBuild { OperatorKube = (api, _) => new KubeThatRemembers(api) } });

    [Fact]
    public void An_apply_by_force_breaks_invariant_8() => Caught(
        GitOwnedIsUntouched.Number, o => o with { Build = new SimBuild { OperatorKube = (api, _) => new KubeThatForces(api) } });

    [Fact]
    public void A_node_that_keeps_routes_of_addresses_it_gave_away_breaks_invariant_9() => Caught(
        NobodyIsKeptFromAPod.Number, o => o.Releasing() with { Build = new SimBuild { Network = (network, _) => new NetworkThatKeepsRoutes(network) } });

    private static void Caught(int invariant, Func<SimOptions, SimOptions> broken, [CallerMemberName] string test = "")
    {
        var begin = InvariantException.Begin(invariant);
        var caught = SeedBatch.FirstFailure(SeedChoice.From(1, Seeds), seed => SimRun.Seed(seed, broken(SimOptions.OfStandalone(seed)), test: test), e => e.Message.Contains(begin, StringComparison.Ordinal));
        Assert.True(caught is not null, $"none of {Seeds} seeds sees that {begin}");
        Console.WriteLine($"simulation: {test.Replace('_', ' ')}: caught by seed {caught.Value.Seed}, the {caught.Value.Ran}. that ran: {Line(caught.Value.Failure.Message)}");
    }

    private static string Line(string message) => message.Split('\n')[0] is { Length: > 260 } line ? line[..260] : message.Split('\n')[0];
}

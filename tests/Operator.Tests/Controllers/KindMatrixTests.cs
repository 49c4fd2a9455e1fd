using Vnetcni.Api.NodeIpPools;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>
/// The whole life of two pools - growth, release by handshake, other tools, faults, two operators that both lead, machines that go - for
/// every kind of VM, every answer to a second PUT and every way to choose addresses.
/// </summary>
public class KindMatrixTests
{
    private const int Budget = 20;
    private const string Put = "PUT";

    public static TheoryData<NodeKind, ConcurrentPutMode, AddressAssignment> All
    {
        get
        {
            var all = new TheoryData<NodeKind, ConcurrentPutMode, AddressAssignment>();
            foreach (var kind in Enum.GetValues<NodeKind>())
            {
                foreach (var mode in Enum.GetValues<ConcurrentPutMode>())
                {
                    foreach (var assignment in Enum.GetValues<AddressAssignment>())
                        all.Add(kind, mode, assignment);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Pools_live_and_go(NodeKind kind, ConcurrentPutMode mode, AddressAssignment assignment) => Simulator.Run(
        700 + ((int)kind * 9) + ((int)mode * 3) + (int)assignment,
        async sim =>
        {
            var settings = new SimSettings
            {
                ConcurrentPut = mode,
                Assignment = assignment,
                // Each of these is Azure's secret too.
                ModelFollowing = (ModelFollowing)(((int)mode + (int)assignment) % 3),
                FreedAddresses = (FreedAddresses)(((int)kind + (int)assignment) % 3),
                EtagChangesOnCompletion = ((int)kind + (int)mode + (int)assignment) % 2 == 0,
                Latency = new LatencySettings { RequestSeconds = 0.1 },
            };
            using var world = new OperatorWorld(sim, nodes: 2, arm: settings, kind: kind);
            world.Always(_ => Assert.InRange(world.OnNic(0) + world.OnNic(1), 0, Budget));
            world.AddClass(pool: new Api.Settings.PoolSettings { ReuseCooldown = "0s" });
            world.Start("a", s => s with { PerVirtualNetwork = Budget });
            world.Start("b", s => s with { PerVirtualNetwork = Budget });
            FakeAgent[] agents = [world.StartAgent("node0", 6), world.StartAgent("node1", 5)];
            agents[0].Pods = 4;
            await world.UntilHeldAsync(6, "node0", 1_800);
            await world.UntilHeldAsync(5, "node1", 1_800);

            // Another tool is on the interface too, before and between our writes.
            await world.AddAsync(sim, 0, "other-tool");
            world.Arm.AddFault(new Fault { Kind = FaultKind.ForeignWrite, Method = Put, Probability = 0.2, Count = 2 });
            world.Arm.AddFault(new Fault { Kind = FaultKind.DropAfterCommit, Method = Put, Probability = 0.2, Count = 2 });
            world.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Method = Put, Probability = 0.2, Count = 2, Code = "InternalOperationFailed" });
            world.Arm.AddFault(new Fault { Kind = FaultKind.CancelOperation, Method = Put, Probability = 0.2, Count = 1 });
            for (var i = 0; i < 5; i++)
            {
                var agent = agents[sim.Random.Next(2)];
                agent.Desired = sim.Random.Next(2, 16);
                agent.Pods = sim.Random.Next(agent.Desired + 1);
                await sim.Delay(TimeSpan.FromSeconds(sim.Random.Next(40)));
            }

            world.Arm.ClearFaults();
            (agents[0].Pods, agents[1].Pods) = (5, 1);
            (agents[0].Desired, agents[1].Desired) = (11, 2);
            await world.UntilHeldAsync(11, "node0", 3_600);
            await world.UntilHeldAsync(2, "node1", 3_600);
            await world.UntilAsync("the pods have addresses", () => Task.FromResult(agents[0].InUse.Count == 5 && agents[1].InUse.Count == 1));
            // As many as wanted may be on the list while some of them leave yet.
            await world.UntilAsync("nothing is on its way", async () => (await world.PoolAsync("node0"))!.Status!.NetworkInterfaces![0].Addresses is { Count: 11 } all
                && all.All(static a => a.State == AddressStates.Available) && (await world.NetworkAsync())!.Status!.UsedByUs == 13, 3_600);
            Assert.Contains(world.Arm.Addresses.Addresses, a => a.IpConfiguration == "other-tool" && a.Nic.Equals(world.NicId(0), StringComparison.OrdinalIgnoreCase));
            await SameAsAzureAsync(world, 0);

            // The machine goes, and with it the pool and its part of the budget.
            world.Arm.RemoveVm(world.VmId(1));
            agents[1].Stopped = true;
            await world.Admin.DeleteAsync(ControllerRuntime.Api.KubeKinds.Nodes, new("node1"), new(), default);
            await world.UntilAsync("the pool is gone", async () => await world.PoolAsync("node1") is null, 3_600);
            await world.UntilAsync("its addresses are free", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 11, Reservations: null or { Count: 0 } }, 3_600);
        });

    private static async Task SameAsAzureAsync(OperatorWorld world, int node)
    {
        var listed = (await world.PoolAsync($"node{node}"))!.Status!.NetworkInterfaces![0];
        Assert.Equal(world.NicId(node), listed.Id, ignoreCase: true);
        var there = world.Arm.Addresses.Addresses
            .Where(a => a.Nic.Equals(world.NicId(node), StringComparison.OrdinalIgnoreCase) && a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal))
            .Select(a => (a.IpConfiguration, a.Address)).Order();
        Assert.Equal(there, listed.Addresses!.Select(a => (a.IpConfiguration!, a.Address)).Order());
        Assert.All(listed.Addresses!, a => Assert.Equal(AddressStates.Available, a.State));
    }
}

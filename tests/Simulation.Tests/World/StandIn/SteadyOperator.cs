using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Nodes;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.StandIn;

/// <summary>
/// Stands in for the operator where a simulation is about agents: the release handshake and the NIC by the product's own ARM
/// client, one node after the other, without leader election and budget. Run one of it.
/// </summary>
internal static class SteadyOperator
{
    private static readonly KubeKind<NodeIpPool> Kind = ApiKinds.NodeIpPool.ToKubeKind();
    private static readonly OwnedNames Names = new("00000000");

    /// <summary>A world that it can serve.</summary>
    public static SimOptions Fit(SimOptions options) => options with { Operators = 1, VNetLimit = 16_000 };

    public static async Task RunAsync(SimWorld world, SimProcess process)
    {
        var api = world.Api(process);
        var arm = new NetworkInterfaceClient(new SimArm(world.Cloud.Arm, process, world.Weather, world.Timeline), Names);
        while (true)
        {
            foreach (var node in world.Nodes)
            {
                try
                {
                    await StepAsync(world, node, api, arm, process.Stopping);
                }
                catch (Exception e) when (e is IOException or KubeApiException)
                {
                    world.Timeline.AddMinor($"{process.Name}: {e.Message}");
                }
            }

            await world.Simulator.Delay(TimeSpan.FromSeconds(1), process.Stopping);
        }
    }

    private static async Task StepAsync(SimWorld world, SimNode node, IKubeApi api, NetworkInterfaceClient arm, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(node.Name);
        var pool = await api.GetAsync(Kind, key, cancellationToken);
        if (pool is null)
        {
            await api.CreateAsync(Kind, Pool(world, node), cancellationToken);
            return;
        }

        if (!ResourceId.TryParse(node.NicId, out var id))
            throw new InvalidOperationException($"{node.NicId} is no id");
        var read = await arm.GetAsync(id, cancellationToken);
        using var nic = read.Value;
        if (nic is null || nic.ProvisioningState == "Updating")
            return;

        var status = Status(pool, nic);
        if (!Same(pool.Status, status))
        {
            await PublishAsync(api, pool, status, cancellationToken);
            return;
        }

        var listed = status.NetworkInterfaces![0].Addresses!;
        var leaving = listed.Where(a => a.State == AddressStates.Releasing).Select(a => a.IpConfiguration!).ToArray();
        var desired = Math.Min(pool.Status?.Usage?.Desired ?? 0, world.Options.Pool.MaxAddresses ?? 250);
        var room = (world.Options.Pool.MaxAddresses ?? 250) - nic.IpConfigurations.Count(c => c.IsOurs);
        var more = Math.Clamp(desired - (listed.Count - leaving.Length), 0, Math.Max(0, room));
        var slots = Enumerable.Range(0, 256).Select(Names.ForSlot).Where(name => nic.Find(name) is null);
        if (more == 0 && leaving.Length == 0 && nic.IsSettled)
            return;
        using var body = NicSplice.Apply(nic, Names, [.. slots.Take(more).Select(name => new NicAddition(name))], leaving);
        await arm.PutAsync(id, body.Utf8, nic.ETag, cancellationToken);
    }

    private static NodeIpPoolStatus Status(NodeIpPool pool, NicView nic)
    {
        var releasable = pool.Status?.Usage?.Releasable ?? [];
        var before = (pool.Status?.NetworkInterfaces?[0].Addresses ?? []).ToDictionary(a => a.Address, StringComparer.Ordinal);
        // Unless all is confirmed only what is known already stays, and goes when it is gone.
        var addresses = nic.IpConfigurations.Where(c => c.IsOurs && c.Address is not null)
            .Where(c => before.ContainsKey(c.Address!) || (nic.IsSettled && !releasable.Contains(c.Address!)))
            .OrderBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => new AddressStatus
            {
                Address = c.Address!,
                IpConfiguration = c.Name,
                State = releasable.Contains(c.Address!) || before.GetValueOrDefault(c.Address!)?.State == AddressStates.Releasing
                    ? AddressStates.Releasing
                    : AddressStates.Available,
            });
        return new NodeIpPoolStatus
        {
            NetworkInterfaces = [new NetworkInterfaceStatus { Id = nic.Id, Name = nic.Name, MacAddress = nic.MacAddress, Addresses = [.. addresses] }],
        };
    }

    private static bool Same(NodeIpPoolStatus? a, NodeIpPoolStatus b) =>
        a?.NetworkInterfaces is [{ Addresses: var before }] && (before ?? []).SequenceEqual(b.NetworkInterfaces![0].Addresses!);

    private static Task PublishAsync(IKubeApi api, NodeIpPool pool, NodeIpPoolStatus status, CancellationToken cancellationToken) =>
        api.PatchAsync(
            Kind,
            new ObjectKey(pool.Metadata.Name),
            ApplyBodies.OperatorStatus(ApplyTarget.Of(pool.Metadata), status),
            new KubePatchOptions(KubePatchType.Apply, FieldManagers.OperatorStatus, Force: true, Subresource: "status"),
            cancellationToken);

    private static NodeIpPool Pool(SimWorld world, SimNode node) => new()
    {
        Metadata = new V1ObjectMeta { Name = node.Name },
        Spec = new NodeIpPoolSpec { NodeName = node.Name, Pool = world.Options.Pool },
    };
}

using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.PoolScaling;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.World;

/// <summary>
/// A node's agent in its simplest form: it wants so many addresses, uses the first of those that are Available, and offers
/// free ones beyond what it wants. It keeps the release rules.
/// </summary>
internal sealed class FakeAgent(Simulator sim, IKubeApi api, string node)
{
    private static readonly KubePatchOptions Apply = new(KubePatchType.Apply, FieldManagers.Agent, Force: true, Subresource: "status");
    private readonly SortedSet<string> offered = new(StringComparer.Ordinal);
    private long revision;

    /// <summary>Addresses wanted.</summary>
    public int Desired { get; set; }

    /// <summary>Pods without an address.</summary>
    public int? Waiting { get; set; }

    /// <summary>Pods that have one.</summary>
    public List<string> InUse { get; } = [];

    public int Pods { get; set; }

    /// <summary>Whether the test takes addresses in use off the interface: the pods stay.</summary>
    public bool KeepsVanished { get; set; }

    /// <summary>False: an agent of before usage named what pods miss.</summary>
    public bool NamesMissing { get; set; } = true;

    public bool Stopped { get; set; }

    public string BootId { get; set; } = "boot";

    /// <summary>How often it looks at its pool.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(700);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stop);
            }
            catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
            {
                sim.Trace.Add($"agent {node}: {e.Message}");
            }

            try
            {
                await sim.Delay(Interval, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task StepAsync(CancellationToken stop)
    {
        if (Stopped || await api.GetAsync(OperatorKinds.Pools, new ObjectKey(node), stop) is not { } pool)
            return;
        var list = pool.Status?.NetworkInterfaces is { Count: > 0 } nics ? nics[0].Addresses ?? [] : [];
        offered.RemoveWhere(a => list.All(l => l.Address != a));
        var listed = pool.Status?.Usage?.Releasable ?? [];
        var free = list.Where(a => a.State == AddressStates.Available && !offered.Contains(a.Address) && !listed.Contains(a.Address) && !InUse.Contains(a.Address))
            .Select(a => a.Address).ToList();
        while (InUse.Count > Pods)
            InUse.RemoveAt(InUse.Count - 1);
        while (InUse.Count < Pods && free.Count > 0)
        {
            InUse.Add(free[0]);
            free.RemoveAt(0);
        }

        if (!KeepsVanished)
            Assert.All(InUse, used => Assert.Contains(list, l => l.Address == used));
        var excess = list.Count(a => a.State == AddressStates.Available && !offered.Contains(a.Address)) - ShareCap.Apply(Desired, pool.Status?.Share);
        foreach (var address in Enumerable.Reverse(free).Take(Math.Max(0, excess)))
            offered.Add(address);
        var usage = new NodeIpPoolUsage
        {
            PoolUid = pool.Metadata.Uid,
            BootId = BootId,
            Revision = revision,
            Desired = Desired,
            InUse = InUse.Count,
            Free = Math.Max(0, free.Count - Math.Max(0, excess)),
            Waiting = Waiting ?? Math.Max(0, Pods - InUse.Count),
            Releasable = [.. offered],
            Missing = NamesMissing && InUse.Where(used => list.All(l => l.Address != used)).ToArray() is { Length: > 0 } missing ? missing : null,
        };
        var before = pool.Status?.Usage;
        if (before is not null && before.Desired == usage.Desired && before.InUse == usage.InUse && before.Waiting == usage.Waiting && before.BootId == BootId
            && (before.Releasable ?? []).SequenceEqual(usage.Releasable) && (before.Missing ?? []).SequenceEqual(usage.Missing ?? []))
            return;
        await api.PatchAsync(
            OperatorKinds.Pools,
            new ObjectKey(node),
            ApplyBodies.AgentUsage(ApplyTarget.Of(pool.Metadata), usage with { Revision = ++revision }),
            Apply,
            stop);
    }
}

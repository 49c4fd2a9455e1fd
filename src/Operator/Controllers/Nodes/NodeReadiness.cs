using k8s.Models;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>What a Node is told about its pool.</summary>
/// <param name="Available">Whether a pod that comes to the node gets an address.</param>
/// <param name="Reason">See <see cref="Reasons"/>.</param>
/// <param name="Message">For people; the pool's own words where it is not well.</param>
/// <param name="AgentServes">Whether the node's agent works: pods may be scheduled there.</param>
internal readonly record struct NodeReadiness(bool Available, string Reason, string Message, bool AgentServes)
{
    public static NodeReadiness Of(V1Node node, NodeIpPool? pool)
    {
        if (pool?.Status is not { } status || pool.Metadata.DeletionTimestamp is not null)
            return new NodeReadiness(false, Reasons.AgentNotReporting, $"there is no NodeIpPool {node.Metadata.Name} yet (kubectl get nodeippoolclasses)", false);
        var ready = ConditionSet.Find(status.Conditions, ConditionTypes.Ready);
        if (!IsReportOf(node, pool))
            return new NodeReadiness(false, Reasons.AgentNotReporting, "no agent has reported on this machine yet; see the vnetcni-agent pod there", false);
        // A pool that wants nothing serves with nothing: the first pod makes it grow.
        var serves = status.Held > 0 || status.Usage!.Desired == 0;
        if (ready is { Status: "False" })
            return new NodeReadiness(false, ready.Reason ?? Reasons.ArmError, ready.Message ?? string.Empty, serves);
        if (status.Usage!.Free is null or 0 && ConditionSet.Find(status.Conditions, ConditionTypes.CapacityLow) is { } low)
            return new NodeReadiness(false, low.Reason ?? Reasons.AtLimit, low.Message ?? string.Empty, serves);
        return serves
            ? new NodeReadiness(true, Reasons.InSync, "pods of this node get addresses of the virtual network", true)
            : new NodeReadiness(false, Reasons.Growing, "the node's first addresses are on their way", false);
    }

    /// <summary>
    /// Whether the usage is of this pool object and of this boot of this machine. A Node made anew under the same name finds the
    /// report of the machine before it.
    /// </summary>
    public static bool IsReportOf(V1Node? node, NodeIpPool pool)
    {
        if (pool.Status?.Usage is not { } usage || usage.PoolUid != pool.Metadata.Uid)
            return false;
        // The kubelet reads the boot id where the agent does: /proc/sys/kernel/random/boot_id.
        return node?.Status?.NodeInfo?.BootID is not { Length: > 0 } boot
            || usage.BootId is not { Length: > 0 } reported || reported.Equals(boot, StringComparison.OrdinalIgnoreCase);
    }
}

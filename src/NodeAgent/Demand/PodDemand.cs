using k8s.Models;

namespace Vnetcni.NodeAgent.Demand;

/// <summary>Which pods need an address of their node.</summary>
internal static class PodDemand
{
    /// <summary>Counts the pods that run or will run here in a network of their own, and apart those that are being deleted.</summary>
    public static PodCount Count(IEnumerable<V1Pod> pods)
    {
        var scheduled = 0;
        var leaving = 0;
        foreach (var pod in pods)
        {
            if (pod.Spec?.HostNetwork == true || pod.Status?.Phase is "Succeeded" or "Failed")
                continue;
            if (pod.Metadata?.DeletionTimestamp is null)
                scheduled++;
            else
                leaving++;
        }

        return new PodCount(scheduled, leaving);
    }

    /// <summary>Keeps what the question needs: a node's pods in full are megabytes.</summary>
    public static void Trim(V1Pod pod)
    {
        pod.Metadata.Annotations = null;
        pod.Metadata.Labels = null;
        pod.Metadata.OwnerReferences = null;
        pod.Spec = new V1PodSpec { HostNetwork = pod.Spec?.HostNetwork, NodeName = pod.Spec?.NodeName, Containers = [] };
        pod.Status = new V1PodStatus { Phase = pod.Status?.Phase };
    }
}

/// <summary>Pods of the node that want an address.</summary>
/// <param name="Scheduled">Bound to the node, with or without a sandbox.</param>
/// <param name="Leaving">Being deleted; an address that one holds is its own until its DEL.</param>
internal readonly record struct PodCount(int Scheduled, int Leaving);

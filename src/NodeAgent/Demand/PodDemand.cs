using k8s.Models;

namespace Vnetcni.NodeAgent.Demand;

/// <summary>Which pods need an address of their node.</summary>
internal static class PodDemand
{
    /// <summary>A pod that runs or will run here in a network of its own. One that is being deleted holds its address still.</summary>
    public static bool NeedsAddress(V1Pod pod) =>
        pod.Spec?.HostNetwork != true && pod.Status?.Phase is not ("Succeeded" or "Failed");

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

using k8s.Models;
using Vnetcni.Api.Names;

namespace Vnetcni.Operator;

/// <summary>Drops from a Node what the operator does not look at: images and volumes are most of it.</summary>
internal static class NodeTrim
{
    public static void Apply(V1Node node)
    {
        node.Status = new V1NodeStatus
        {
            Conditions = node.Status?.Conditions?.Where(static c => c.Type == WellKnownNames.NodeCondition).ToList(),
            NodeInfo = node.Status?.NodeInfo,
        };
        node.Metadata.Annotations = null;
    }
}

using k8s.Models;

namespace Vnetcni.Operator;

/// <summary>Drops from a Node what the operator does not look at: images and volumes are most of it.</summary>
internal static class NodeTrim
{
    public static void Apply(V1Node node)
    {
        node.Status = null;
        node.Metadata.Annotations = null;
    }
}

using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>Which class a node belongs to.</summary>
internal static class ClassMatch
{
    private const string OsLabel = "kubernetes.io/os";

    /// <summary>
    /// The classes that select the node, the winner first: highest priority, then first name. A class that is not valid wins
    /// all the same: the node does not fall to another policy because of a typing error.
    /// </summary>
    public static IReadOnlyList<NodeIpPoolClass> Of(V1Node node, IEnumerable<NodeIpPoolClass> classes) =>
    [
        .. classes
            .Where(c => c.Metadata.DeletionTimestamp is null && (c.Spec?.NodeSelector?.Matches(node.Metadata.Labels) ?? true))
            .OrderByDescending(static c => c.Spec?.Priority ?? 0)
            .ThenBy(static c => c.Metadata.Name, StringComparer.Ordinal),
    ];

    /// <summary>Whether the node runs Linux; a node that does not say is taken for one.</summary>
    public static bool IsLinux(V1Node node) =>
        node.Metadata.Labels is not { } labels || !labels.TryGetValue(OsLabel, out var os) || os == "linux";
}

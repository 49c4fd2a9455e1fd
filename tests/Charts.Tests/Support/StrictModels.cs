using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>
/// Reads an object as its type and refuses what the type does not know, with its path. KubernetesYaml of the client for NativeAOT
/// knows kubeconfigs only, so its models are read by System.Text.Json.
/// </summary>
internal static class StrictModels
{
    private static readonly JsonSerializerOptions Options = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly Dictionary<string, Type> Types = new(StringComparer.Ordinal)
    {
        ["v1/ConfigMap"] = typeof(V1ConfigMap),
        ["v1/Pod"] = typeof(V1Pod),
        ["v1/Service"] = typeof(V1Service),
        ["v1/ServiceAccount"] = typeof(V1ServiceAccount),
        ["batch/v1/Job"] = typeof(V1Job),
        ["apps/v1/DaemonSet"] = typeof(V1DaemonSet),
        ["apps/v1/Deployment"] = typeof(V1Deployment),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
        ["rbac.authorization.k8s.io/v1/ClusterRole"] = typeof(V1ClusterRole),
        ["rbac.authorization.k8s.io/v1/ClusterRoleBinding"] = typeof(V1ClusterRoleBinding),
        ["rbac.authorization.k8s.io/v1/Role"] = typeof(V1Role),
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = typeof(V1RoleBinding),
        ["admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy"] = typeof(V1ValidatingAdmissionPolicy),
        ["admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding"] = typeof(V1ValidatingAdmissionPolicyBinding),
        ["apiextensions.k8s.io/v1/CustomResourceDefinition"] = typeof(V1CustomResourceDefinition),
        ["vnetcni.dev/v1alpha1/NodeIpPoolClass"] = typeof(NodeIpPoolClass),
    };

    /// <summary>Kinds of the Prometheus operator, whose types are not here; they are looked at by their own tests.</summary>
    private static readonly HashSet<string> Foreign =
        ["monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PodMonitor", "monitoring.coreos.com/v1/PrometheusRule"];

    /// <summary>The object, or null for a foreign kind. Throws <see cref="JsonException"/> with the path of what is wrong.</summary>
    public static object? Read(JsonObject value)
    {
        var id = $"{(string?)value["apiVersion"]}/{(string?)value["kind"]}";
        if (Foreign.Contains(id))
            return null;
        Assert.True(Types.TryGetValue(id, out var type), $"no type is known for {id}");
        return value.Deserialize(type!, Options);
    }
}

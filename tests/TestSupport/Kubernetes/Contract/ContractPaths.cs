namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Paths of the collections.</summary>
internal static class ContractPaths
{
    public const string Group = "/apis/vnetcni.dev/v1alpha1";
    public const string Classes = Group + "/nodeippoolclasses";
    public const string Pools = Group + "/nodeippools";
    public const string Networks = Group + "/virtualnetworks";
    public const string Crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    public const string Nodes = "/api/v1/nodes";
    public const string Namespaces = "/api/v1/namespaces";

    public static string Pods(string ns) => $"{Namespaces}/{ns}/pods";

    public static string Events(string ns) => $"{Namespaces}/{ns}/events";

    public static string Leases(string ns) => $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases";
}

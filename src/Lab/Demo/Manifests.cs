using System.Globalization;
using System.Text;
using Vnetcni.Lab.Nodes;

namespace Vnetcni.Lab.Demo;

/// <summary>The Kubernetes objects that the demo applies with kubectl.</summary>
internal static class Manifests
{
    /// <summary>Name of <see cref="Class"/>.</summary>
    public const string ClassName = "demo";

    /// <summary>The one class: small pools, short waits, so that growing and shrinking can be watched.</summary>
    public const string Class = """
        apiVersion: vnetcni.dev/v1alpha1
        kind: NodeIpPoolClass
        metadata:
          name: demo
        spec:
          pool:
            minFree: 4
            maxFree: 12
            batchSize: 4
            reuseCooldown: 5s
            releaseDelay: 5s
          dataplane:
            addTimeout: 60s
        """;

    /// <summary>Nodes as a cloud provider would register them.</summary>
    public static string Nodes(IEnumerable<LabNode> nodes, Func<LabNodeSettings, string> providerId)
    {
        var yaml = new StringBuilder();
        foreach (var node in nodes)
        {
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                ---
                apiVersion: v1
                kind: Node
                metadata:
                  name: {{node.Name}}
                  labels:
                    kubernetes.io/os: linux
                    kubernetes.io/hostname: {{node.Name}}
                spec:
                  providerID: {{providerId(node.Settings)}}

                """);
        }

        return yaml.ToString();
    }

    /// <summary>Pods that a scheduler has bound to their nodes already.</summary>
    public static string Pods(IEnumerable<(string Name, string Node)> pods)
    {
        var yaml = new StringBuilder();
        foreach (var (name, node) in pods)
        {
            yaml.Append(CultureInfo.InvariantCulture, $$"""
                ---
                apiVersion: v1
                kind: Pod
                metadata:
                  name: {{name}}
                  namespace: default
                  labels:
                    app: vnetcni-demo
                spec:
                  nodeName: {{node}}
                  terminationGracePeriodSeconds: 0
                  automountServiceAccountToken: false
                  tolerations:
                    - operator: Exists
                  containers:
                    - name: main
                      image: demo.invalid/none

                """);
        }

        return yaml.ToString();
    }
}

namespace Vnetcni.ApiServer.Tests.Kubectl;

/// <summary>Manifests.</summary>
internal static class Samples
{
    public const string PoolStatus = """
        {"status":{"held":50,"zone":"1","usage":{"inUse":42,"free":8,"desired":64},"networkInterfaces":[{"name":"nic0","subnet":{"name":"pods"}}],
         "conditions":[{"type":"Ready","status":"True","reason":"InSync","message":"All is well"}]}}
        """;

    public static string Class(string name, string pool = "minFree: 4") => $"""
        ---
        apiVersion: vnetcni.dev/v1alpha1
        kind: NodeIpPoolClass
        metadata:
          name: {name}
        spec:
          pool:
            {pool}

        """;

    public static string Pool(string name) => $"""
        ---
        apiVersion: vnetcni.dev/v1alpha1
        kind: NodeIpPool
        metadata:
          name: {name}
        spec:
          nodeName: {name}

        """;

    public static string Node(string name) => $"""
        ---
        apiVersion: v1
        kind: Node
        metadata:
          name: {name}
          labels:
            kubernetes.io/os: linux
        spec:
          providerID: azure:///x/{name}

        """;

    public static string Pod(string ns, string name, string node, string app) => $"""
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}
          namespace: {ns}
          labels:
            app: {app}
        spec:
          nodeName: {node}
          terminationGracePeriodSeconds: 0
          containers:
            - name: main
              image: demo.invalid/none

        """;

    public static string Event(string ns, string name, string kind, string about, string message, string uid = "") => $"""
        ---
        apiVersion: v1
        kind: Event
        metadata:
          name: {name}
          namespace: {ns}
        involvedObject:
          apiVersion: v1
          kind: {kind}
          name: {about}
          namespace: {(kind == "Pod" ? ns : "")}
          uid: "{uid}"
        reason: Tested
        message: {message}
        type: Warning
        count: 2
        source:
          component: tests
        firstTimestamp: "2026-01-01T00:00:00Z"
        lastTimestamp: "2026-01-01T00:00:00Z"

        """;
}

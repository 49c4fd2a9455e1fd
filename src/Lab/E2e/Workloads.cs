using System.Globalization;
using Vnetcni.Lab.E2e.Cluster;

namespace Vnetcni.Lab.E2e;

/// <summary>What runs in the cluster during the tests, as people would write it.</summary>
internal static class Workloads
{
    /// <summary>ClusterIP of the web Service.</summary>
    public const string WebAddress = "10.96.10.10";

    /// <summary>Its NodePort.</summary>
    public const int WebNodePort = 30080;

    /// <summary>The proxy's port on its node.</summary>
    public const int ProxyHostPort = 8088;

    /// <summary>A web server that says who asks, with a Service on a ClusterIP and a NodePort.</summary>
    public static string Web(int replicas) => string.Create(CultureInfo.InvariantCulture, $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: {{{replicas}}}
          selector: {matchLabels: {app: web}}
          strategy: {rollingUpdate: {maxSurge: 100%}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              automountServiceAccountToken: false
              topologySpreadConstraints:
                - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web} } }
              containers:
                - name: web
                  image: vnetcni.test/tools:1
                  command: [httpd, -f, -p, "0.0.0.0:8080", -h, /www]
                  ports: [{containerPort: 8080}]
                  readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 2, timeoutSeconds: 5}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          type: NodePort
          clusterIP: {{{WebAddress}}}
          selector: {app: web}
          ports: [{port: 80, targetPort: 8080, nodePort: {{{WebNodePort}}} }]
        """);

    /// <summary>Cluster DNS: dnsmasq behind the Service that the kubelets name to pods. It knows the Services given.</summary>
    public static string Dns(IEnumerable<(string Name, string Address)> services) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: dns, namespace: kube-system}
        spec:
          replicas: 1
          selector: {matchLabels: {app: dns}}
          template:
            metadata: {labels: {app: dns}}
            spec:
              dnsPolicy: Default
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 1
              containers:
                - name: dns
                  image: vnetcni.test/tools:1
                  command:
                    - dnsmasq
                    - --keep-in-foreground
                    - --user=root
                    - --no-resolv
                    - --no-hosts
                    # What the cluster does not know does not exist: resolvers go on with their search path.
                    - --local=/cluster.local/
                    - --log-facility=-
        {{{string.Concat(services.Select(service => $"            - --address=/{service.Name}/{service.Address}\n"))}}}
                  ports: [{containerPort: 53, protocol: UDP}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: kube-dns, namespace: kube-system}
        spec:
          clusterIP: {{{NodeFiles.ClusterDns}}}
          selector: {app: dns}
          ports:
            - {name: dns, port: 53, protocol: UDP}
            - {name: dns-tcp, port: 53, protocol: TCP}
        """;

    /// <summary>One pod with its node's network on each node.</summary>
    public const string HostNetwork = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: on-host}
        spec:
          selector: {matchLabels: {app: on-host}}
          template:
            metadata: {labels: {app: on-host}}
            spec:
              hostNetwork: true
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 1
              containers: [{name: main, image: "vnetcni.test/tools:1"}]
        """;

    /// <summary>A pod on one node, of which the tests lose the DEL.</summary>
    public static string Lost(string node) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: lost}
        spec:
          nodeName: {{{node}}}
          terminationGracePeriodSeconds: 1
          automountServiceAccountToken: false
          containers: [{name: main, image: "vnetcni.test/tools:1"}]
        """;

    /// <summary>A reverse proxy in front of the web Service, as an ingress controller is one; on a hostPort too.</summary>
    public static string Proxy(int? hostPort) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: proxy, labels: {app: proxy}}
        spec:
          terminationGracePeriodSeconds: 1
          automountServiceAccountToken: false
          containers:
            - name: proxy
              image: vnetcni.test/tools:1
              command: [httpd, -f, -p, "0.0.0.0:8081", -h, /www]
              env: [{name: BACKEND, value: web.default.svc.cluster.local}]
              ports: [{containerPort: 8081{{{(hostPort is { } port ? $", hostPort: {port}" : string.Empty)}}}}]
        """;
}

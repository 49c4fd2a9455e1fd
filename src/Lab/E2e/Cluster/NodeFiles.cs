using Vnetcni.Lab.Arm;
using Vnetcni.Lab.Nodes;

namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>Configuration of a node's containerd, kubelet and kube-proxy.</summary>
internal static class NodeFiles
{
    /// <summary>Address of cluster DNS.</summary>
    public const string ClusterDns = "10.96.0.10";

    /// <summary>Writes all of them into the node's folder.</summary>
    public static void Write(string folder, LabNodeSettings node, FullControlPlane cluster)
    {
        var authority = Path.Combine(cluster.Pki, "ca.crt");
        File.Copy(authority, Path.Combine(folder, "ca.crt"), overwrite: true);
        authority = Path.Combine(folder, "ca.crt");
        var kubelet = ClientCertificates.Write(cluster.Pki, folder, "kubelet", $"O=system:nodes, CN=system:node:{node.Name}", node.Name, node.Address);
        ClientCertificates.WriteKubeConfig(Path.Combine(folder, "kubelet.kubeconfig"), cluster.Server, authority, kubelet);
        var proxy = ClientCertificates.Write(cluster.Pki, folder, "proxy", "CN=system:kube-proxy");
        ClientCertificates.WriteKubeConfig(Path.Combine(folder, "proxy.kubeconfig"), cluster.Server, authority, proxy);
        File.WriteAllText(Path.Combine(folder, "containerd.toml"), Containerd);
        File.WriteAllText(Path.Combine(folder, "kubelet.yaml"), Kubelet(authority, kubelet));
        File.WriteAllText(Path.Combine(folder, "proxy.yaml"), Proxy(Path.Combine(folder, "proxy.kubeconfig")));
        // The startup taint is what docs/install tell to register nodes with: the operator takes it off.
        File.WriteAllText(
            Path.Combine(folder, "flags"),
            $"--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock --provider-id={LabAzure.ProviderId(node)} --register-with-taints=vnetcni.dev/agent-not-ready=:NoSchedule\n");
    }

    // restrict_oom_score_adj: a container of tests may lack CAP_SYS_RESOURCE, and runc fails on a negative value then.
    private const string Containerd = """
        version = 2
        root = "/var/lib/containerd"
        state = "/run/containerd"
        [grpc]
          address = "/run/containerd/containerd.sock"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "vnetcni.test/tools:1"
          disable_apparmor = true
          restrict_oom_score_adj = true
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/opt/cni/bin"
            conf_dir = "/etc/cni/net.d"
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
            runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
              SystemdCgroup = false

        """;

    private static string Kubelet(string authority, (string Certificate, string Key) server) => $$$"""
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: {{{authority}}} }}
        authorization: {mode: Webhook}
        tlsCertFile: {{{server.Certificate}}}
        tlsPrivateKeyFile: {{{server.Key}}}
        cgroupDriver: cgroupfs
        failSwapOn: false
        # The kubelet removes pods' own cgroups slowly where many cgroup hierarchies are (version 1); containers have theirs all the same.
        cgroupsPerQOS: false
        enforceNodeAllocatable: []
        clusterDomain: cluster.local
        clusterDNS: [{{{ClusterDns}}}]
        resolvConf: /etc/resolv.conf
        imageGCHighThresholdPercent: 100
        evictionHard: {memory.available: 50Mi}
        maxPods: 110
        nodeStatusUpdateFrequency: 4s
        # How soon the kubelet looks again at pods that are on their way out: a minute by default.
        syncFrequency: 5s
        kubeAPIQPS: 50
        kubeAPIBurst: 100

        """;

    // The conntrack settings are the machine's: left as they are.
    private static string Proxy(string kubeConfig) => $$$"""
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        clientConnection: {kubeconfig: {{{kubeConfig}}} }
        mode: iptables
        conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
        iptables: {minSyncPeriod: 0s}

        """;
}

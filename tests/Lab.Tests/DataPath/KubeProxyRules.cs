using System.Globalization;
using System.Text;

namespace Vnetcni.Lab.Tests.DataPath;

/// <summary>
/// Rules in the shape of kube-proxy's iptables mode (Kubernetes 1.20: marks, chains, order), for iptables-restore. Not made by
/// kube-proxy itself; UDP, so that one datagram and its answer tell who was seen.
/// </summary>
internal static class KubeProxyRules
{
    public const string LocalService = "10.96.0.11";
    public const string RemoteService = "10.96.0.12";

    /// <summary>externalTrafficPolicy Cluster: to the pod on the second node.</summary>
    public const int ClusterPort = 30080;

    /// <summary>externalTrafficPolicy Local: to a pod of the node that was asked.</summary>
    public const int LocalPort = 30081;

    public static string For(IReadOnlyList<string> localPods)
    {
        var text = new StringBuilder("""
            *filter
            :KUBE-FORWARD - [0:0]
            -A FORWARD -j KUBE-FORWARD
            -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
            -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
            -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            COMMIT
            *nat
            :KUBE-SERVICES - [0:0]
            :KUBE-NODEPORTS - [0:0]
            :KUBE-POSTROUTING - [0:0]
            :KUBE-MARK-MASQ - [0:0]
            :KUBE-SEP-LOCAL - [0:0]
            :KUBE-SEP-REMOTE - [0:0]
            :KUBE-XLB - [0:0]
            -A PREROUTING -j KUBE-SERVICES
            -A OUTPUT -j KUBE-SERVICES
            -A POSTROUTING -j KUBE-POSTROUTING
            -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
            -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
            -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
            -A KUBE-POSTROUTING -j MASQUERADE --random-fully

            """);
        Line($"-A KUBE-SERVICES -d {LocalService}/32 -p udp --dport 9 -j KUBE-SEP-LOCAL");
        Line($"-A KUBE-SERVICES -d {RemoteService}/32 -p udp --dport 9 -j KUBE-SEP-REMOTE");
        Line("-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS");
        Line($"-A KUBE-NODEPORTS -p udp --dport {ClusterPort} -j KUBE-MARK-MASQ");
        Line($"-A KUBE-NODEPORTS -p udp --dport {ClusterPort} -j KUBE-SEP-REMOTE");
        Line($"-A KUBE-NODEPORTS -p udp --dport {LocalPort} -j KUBE-XLB");
        Line("-A KUBE-XLB -j KUBE-SEP-LOCAL");
        Line($"-A KUBE-SEP-LOCAL -s {localPods[0]}/32 -j KUBE-MARK-MASQ");
        Line($"-A KUBE-SEP-LOCAL -p udp -j DNAT --to-destination {localPods[0]}:9");
        Line($"-A KUBE-SEP-REMOTE -s {PathLab.PodB}/32 -j KUBE-MARK-MASQ");
        Line($"-A KUBE-SEP-REMOTE -p udp -j DNAT --to-destination {PathLab.PodB}:9");
        Line("COMMIT");
        return text.ToString();

        void Line(string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\n");
    }
}

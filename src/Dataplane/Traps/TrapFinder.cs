using System.Net;

namespace Vnetcni.Dataplane.Traps;

/// <summary>Tells from what was observed which traps a node is in. Pure.</summary>
public static class TrapFinder
{
    private const int MaxNamed = 5;
    private const int Strict = 1;
    private const int FullPercent = 80;

    /// <summary>Every finding, those that break traffic first.</summary>
    /// <param name="node">What was observed.</param>
    /// <param name="podAddresses">Addresses for pods; empty when not known yet.</param>
    /// <param name="podMtu">MTU asked for, in bytes; 0 = as the NIC.</param>
    public static IReadOnlyList<NodeFinding> Find(NodeObservation node, IReadOnlyCollection<IPAddress> podAddresses, int podMtu)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(podAddresses);
        NodeFinding?[] all =
        [
            Features(node), Addresses(node, podAddresses), Forward(node), Legacy(node), ReversePath(node), Mtu(node, podMtu), Connections(node),
        ];
        return [.. all.OfType<NodeFinding>().OrderByDescending(finding => finding.Breaks)];
    }

    private static NodeFinding? Features(NodeObservation node) => node.MissingFeatures.Count == 0 ? null : new NodeFinding(
        FindingCodes.KernelFeatureMissing, Breaks: true,
        $"the kernel lacks {Named([.. node.MissingFeatures.Select(feature => $"{feature.Name} ({feature.Error})")])}",
        $"load it: modprobe {string.Join(' ', node.MissingFeatures.Select(feature => feature.Module).Distinct(StringComparer.Ordinal))}; "
        + "without it set snat.mode to Disabled and expect no protection of the metadata service");

    private static NodeFinding? Addresses(NodeObservation node, IReadOnlyCollection<IPAddress> podAddresses)
    {
        const string HowTo = "keep cloud-init and netplan from assigning secondary addresses: put 'network: {config: disabled}' into "
            + "/etc/cloud/cloud.cfg.d/99-vnetcni.cfg, leave only the primary address in /etc/netplan, then ";
        var taken = node.LocalAddresses.Where(local => podAddresses.Contains(local.Address)).ToArray();
        if (taken.Length > 0)
        {
            return new NodeFinding(
                FindingCodes.PodAddressOnNode, Breaks: true,
                $"the node itself has {taken.Length} of {podAddresses.Count} addresses that are for pods, and takes their packets: "
                + Named([.. taken.Select(local => $"{local.Address} on {local.Interface}")]),
                $"{HowTo}`ip address del {taken[0].Address} dev {taken[0].Interface}` and so on for each");
        }

        var onNic = node.LocalAddresses.Where(local => local.Interface == node.Nic).Skip(1).ToArray();
        return podAddresses.Count > 0 || onNic.Length == 0 ? null : new NodeFinding(
            FindingCodes.SecondaryAddressOnNic, Breaks: false,
            $"{node.Nic} has {onNic.Length} addresses besides its first: {Named([.. onNic.Select(local => $"{local.Address}")])}. Pods can't have those",
            $"where they are meant for pods, {HowTo}`ip address del` each");
    }

    private static NodeFinding? Forward(NodeObservation node) => node.ForwardDrops.Count == 0 ? null : new NodeFinding(
        FindingCodes.ForwardPolicyDrop, Breaks: false,
        $"{node.ForwardDrops.Count} chains drop forwarded packets that no rule accepts: {Named(node.ForwardDrops)}; pods' packets are forwarded (Docker sets this policy)",
        "accept them: `iptables -P FORWARD ACCEPT`, or `iptables -I FORWARD -s POD_RANGE -j ACCEPT` and the same with -d");

    private static NodeFinding? Legacy(NodeObservation node) => !node.LegacyFilter ? null : new NodeFinding(
        FindingCodes.ForwardPolicyUnknown, Breaks: false,
        "the older iptables (iptables-legacy) has a filter table, whose FORWARD policy is not read",
        "see `iptables-legacy -S FORWARD`; with DROP, pods' packets need a rule that accepts them");

    // With one way out every answer leads back there, and strict costs nothing.
    private static NodeFinding? ReversePath(NodeObservation node)
    {
        var others = node.DefaultRouteInterfaces.Where(name => name != node.Nic).Distinct(StringComparer.Ordinal).ToArray();
        return node.ReversePathFilter != Strict || others.Length == 0 ? null : new NodeFinding(
            FindingCodes.ReversePathStrict, Breaks: false,
            $"rp_filter of {node.Nic} is 1 (strict) and default routes lead out by {Named(others)} too: packets to pods that come by {node.Nic} are dropped where the way back is another",
            $"sysctl -w net.ipv4.conf.{node.Nic}.rp_filter=2, and keep it in /etc/sysctl.d");
    }

    private static NodeFinding? Mtu(NodeObservation node, int podMtu) => podMtu <= node.NicMtu || node.NicMtu == 0 ? null : new NodeFinding(
        FindingCodes.MtuAboveNic, Breaks: true,
        $"pods' MTU is set to {podMtu} and {node.Nic} carries {node.NicMtu} bytes: larger packets are lost",
        $"set dataplane.mtu to 0 (as the NIC) or to at most {node.NicMtu}");

    private static NodeFinding? Connections(NodeObservation node) =>
        node is not { Connections: { } count, MaxConnections: { } limit } || limit <= 0 || count * 100 < limit * FullPercent ? null : new NodeFinding(
            FindingCodes.ConnectionTableFull, Breaks: count >= limit,
            $"{count} of at most {limit} connections are tracked; when the table is full, packets of new ones are dropped",
            $"sysctl -w net.netfilter.nf_conntrack_max={limit * 2}, and look for who opens so many: `conntrack -L`");

    private static string Named(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MaxNamed)) + (names.Count > MaxNamed ? $" and {names.Count - MaxNamed} more" : "");
}

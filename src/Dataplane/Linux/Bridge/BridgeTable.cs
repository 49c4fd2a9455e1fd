using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;
using static Vnetcni.Dataplane.Linux.Nftables.NftConstants;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>
/// The nftables table <c>bridge vnetcni</c>. Azure delivers only frames with the NIC's MAC, so on the NIC everything has it:
/// what comes in for a pod gets the pod's MAC by one map, what goes out gets the NIC's. Frames of pods go to the node itself,
/// whatever MAC they were sent to, and are dropped when their source is not the port's own address.
/// </summary>
internal static class BridgeTable
{
    /// <summary>Beside the IPv4 table of the same name.</summary>
    public static readonly NftTable Table = new(Snat.EgressTable.Name, FamilyBridge);

    private const string Pods = "pods";
    private const string Owned = "owned";
    private const string PreRouting = "prerouting";
    private const string Forward = "forward";
    private const string PostRouting = "postrouting";
    private const string FromNic = "from-nic";
    private const string FromPod = "from-pod";
    private const uint TypeAddress = 7;
    private const uint TypeMac = 9;
    private const uint TypeInterface = 20;
    private const int FixedBytes = 8 * 1024;
    private const int BytesPerPod = 256;

    private static readonly NftSetKind PodsKind = new(TypeAddress, 4, TypeMac, 6);
    private static readonly NftSetKind OwnedKind = new((TypeInterface << 6) | TypeAddress, 8);

    /// <summary>Bytes that suffice for a transaction about so many pods.</summary>
    public static int MaxBytes(int pods) => FixedBytes + (BytesPerPod * pods);

    /// <summary>The transaction that deletes the table, whatever is in it, and makes it anew.</summary>
    public static void WriteAnew(ref NetlinkWriter writer, string nic, PhysicalAddress nicMac, IReadOnlyDictionary<IPAddress, BridgePod> pods)
    {
        writer.BeginBatch();
        writer.EnsureTable(Table);
        writer.DeleteTable(Table);
        writer.EnsureTable(Table);
        writer.EnsureSet(Table, Pods, 1, PodsKind);
        writer.EnsureSet(Table, Owned, 2, OwnedKind);
        foreach (var (address, pod) in pods)
            WriteElements(ref writer, NftMessage.NewElement, address, pod);
        writer.EnsureChain(Table, new NftChain(FromNic));
        writer.EnsureChain(Table, new NftChain(FromPod));
        writer.EnsureChain(Table, new NftChain(PreRouting, "filter", HookBridgePreRouting, -300));
        writer.EnsureChain(Table, new NftChain(Forward, "filter", HookBridgeForward, -200));
        writer.EnsureChain(Table, new NftChain(PostRouting, "filter", HookBridgePostRouting, 300));
        WriteFromNic(ref writer);
        WriteFromPod(ref writer, nicMac);
        WriteHooks(ref writer, nic, nicMac);
        WriteReturn(ref writer, nic);
        writer.EndBatch();
    }

    /// <summary>The transaction that adds (NewElement) or deletes (DeleteElement) one pod.</summary>
    public static void WritePod(ref NetlinkWriter writer, ushort message, IPAddress address, BridgePod pod)
    {
        writer.BeginBatch();
        WriteElements(ref writer, message, address, pod);
        writer.EndBatch();
    }

    /// <summary>The transaction that deletes the table, there or not.</summary>
    public static void WriteDelete(ref NetlinkWriter writer)
    {
        writer.BeginBatch();
        writer.EnsureTable(Table);
        writer.DeleteTable(Table);
        writer.EndBatch();
    }

    /// <summary>Whether the kernel's sets have these pods and no others.</summary>
    public static bool HasPods(NetlinkSocket socket, IReadOnlyDictionary<IPAddress, BridgePod> pods)
    {
        var macs = pods.ToDictionary(pod => Convert.ToHexStringLower(Key(pod.Key)), pod => Convert.ToHexStringLower(pod.Value.Mac.GetAddressBytes()));
        var ports = pods.ToDictionary(pod => Convert.ToHexStringLower(Key(pod.Key, pod.Value.Port)), _ => "");
        return Same(NftTableState.RawElements(socket, Table, Pods), macs) && Same(NftTableState.RawElements(socket, Table, Owned), ports);
    }

    private static bool Same(IReadOnlyDictionary<string, string>? found, Dictionary<string, string> wanted) =>
        found is not null && found.Count == wanted.Count && wanted.All(pair => found.TryGetValue(pair.Key, out var data) && data == pair.Value);

    private static void WriteElements(ref NetlinkWriter writer, ushort message, IPAddress address, BridgePod pod)
    {
        writer.Element(message, Table, Pods, Key(address), pod.Mac.GetAddressBytes());
        writer.Element(message, Table, Owned, Key(address, pod.Port), []);
    }

    // An ifindex is in the host's byte order, an address in the network's.
    private static byte[] Key(IPAddress address, int port)
    {
        var key = new byte[8];
        BitConverter.TryWriteBytes(key, port);
        address.TryWriteBytes(key.AsSpan(4), out _);
        return key;
    }

    private static byte[] Key(IPAddress address) => address.GetAddressBytes();

    private static void WriteFromNic(ref NetlinkWriter writer)
    {
        var rule = writer.BeginRule(Table, FromNic, "to pods");
        writer.EtherType(EtherTypeIPv4);
        writer.Payload(NftExpression.BaseNetwork, 16, 4);
        writer.Translate(Pods);
        writer.WritePayload(NftExpression.BaseLink, 0, 6);
        writer.EndRule(rule);

        // Answers to what pods asked: any of them may have.
        rule = writer.BeginRule(Table, FromNic, "ARP answers to all");
        writer.EtherType(EtherTypeArp);
        writer.Payload(NftExpression.BaseNetwork, 6, 2);
        writer.CompareEqual([0, 2]);
        writer.Load([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        writer.WritePayload(NftExpression.BaseLink, 0, 6);
        writer.EndRule(rule);
    }

    private static void WriteFromPod(ref NetlinkWriter writer, PhysicalAddress nicMac)
    {
        var rule = writer.BeginRule(Table, FromPod, "the pod's own packets, to the node");
        writer.EtherType(EtherTypeIPv4);
        writer.OwnedBy(12);
        writer.Load(nicMac.GetAddressBytes());
        writer.WritePayload(NftExpression.BaseLink, 0, 6);
        // The bridge decided before us whether the frame is for the node.
        writer.Load([0]);
        writer.SetMeta(NftExpression.MetaPacketType);
        writer.Verdict(VerdictAccept);
        writer.EndRule(rule);

        rule = writer.BeginRule(Table, FromPod, "ARP of the pod's own address");
        writer.EtherType(EtherTypeArp);
        writer.OwnedBy(14);
        writer.Verdict(VerdictAccept);
        writer.EndRule(rule);

        rule = writer.BeginRule(Table, FromPod, "everything else");
        writer.Counter();
        writer.Verdict(VerdictDrop);
        writer.EndRule(rule);
    }

    private static void WriteHooks(ref NetlinkWriter writer, string nic, PhysicalAddress nicMac)
    {
        var rule = writer.BeginRule(Table, PreRouting, "from the NIC");
        writer.InInterface(nic);
        writer.Verdict(VerdictGoto, FromNic);
        writer.EndRule(rule);

        rule = writer.BeginRule(Table, PreRouting, "from pods");
        writer.Meta(NftExpression.MetaInGroup);
        writer.CompareEqual(BitConverter.GetBytes(BridgeMode.PortGroup));
        writer.Verdict(VerdictGoto, FromPod);
        writer.EndRule(rule);

        rule = writer.BeginRule(Table, PostRouting, "ARP with the NIC's MAC");
        writer.OutInterface(nic);
        writer.EtherType(EtherTypeArp);
        writer.Load(nicMac.GetAddressBytes());
        writer.WritePayload(NftExpression.BaseNetwork, 8, 6);
        writer.EndRule(rule);

        rule = writer.BeginRule(Table, PostRouting, "everything with the NIC's MAC");
        writer.OutInterface(nic);
        writer.Load(nicMac.GetAddressBytes());
        writer.WritePayload(NftExpression.BaseLink, 6, 6);
        writer.EndRule(rule);
    }

    // Only what was for the node goes back where it came from, by a service: not what a bridge floods.
    private static void WriteReturn(ref NetlinkWriter writer, string nic)
    {
        var rule = writer.BeginRule(Table, Forward, "no ARP back");
        writer.InInterface(nic);
        writer.OutInterface(nic);
        writer.EtherType(EtherTypeArp);
        writer.Verdict(VerdictDrop);
        writer.EndRule(rule);

        rule = writer.BeginRule(Table, Forward, "nothing back that was not for the node");
        writer.InInterface(nic);
        writer.OutInterface(nic);
        writer.Meta(NftExpression.MetaPacketType);
        writer.Compare(NftExpression.CompareNotEqual, [0]);
        writer.Verdict(VerdictDrop);
        writer.EndRule(rule);
    }

    private static readonly byte[] EtherTypeIPv4 = [0x08, 0x00];
    private static readonly byte[] EtherTypeArp = [0x08, 0x06];

    private static void EtherType(this ref NetlinkWriter writer, byte[] type)
    {
        writer.Payload(NftExpression.BaseLink, 12, 2);
        writer.CompareEqual(type);
    }

    // iif . the address at the offset, in @owned.
    private static void OwnedBy(this ref NetlinkWriter writer, uint offset)
    {
        writer.Meta(NftExpression.MetaInIndex);
        writer.Payload(NftExpression.BaseNetwork, offset, 4, RegisterSecondWord);
        writer.Lookup(Owned, invert: false);
    }
}

using System.Buffers.Binary;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.Dataplane.Snat;

namespace Vnetcni.Dataplane.Linux.Snat;

/// <summary>
/// Our nftables table, <c>nft list table ip vnetcni</c>: what is in it for given <see cref="EgressRules"/>, and the
/// transaction that makes it so.
/// </summary>
internal sealed class EgressTable
{
    public const string Name = "vnetcni";
    public const string PostRouting = "postrouting";
    public const string Forward = "forward";
    public const string WireServer = "wireserver";
    public const string Metadata = "metadata";

    /// <summary>
    /// After 100, where kube-proxy (iptables and nftables mode alike) and Docker translate: the first translation of a
    /// connection stands, so theirs is never changed, and what they leave alone is decided by us. No packet mark is read.
    /// </summary>
    public const int NatPriority = 105;

    /// <summary>Before the filters of others (0). It matters for the counters only: one drop is final whatever others accept.</summary>
    public const int FilterPriority = -10;

    /// <summary>Before routing, and before others that mark (-150): theirs are added to ours.</summary>
    public const int MarkPriority = -160;

    private const string Marks = "marks";
    private const int BytesPerMark = 128;
    private static readonly NftSetKind s_marks = new(KeyType: 7, KeyLength: 4, DataType: 19, DataLength: 4);
    private static readonly NftChain MarkChain = new(Marks, "filter", NftConstants.HookPreRouting, MarkPriority);

    private const uint WireServerAddress = 168u << 24 | 63 << 16 | 129 << 8 | 16;
    private const uint MetadataAddress = 169u << 24 | 254 << 16 | 169 << 8 | 254;
    private const ushort Http = 80;

    /// <summary>The port of the host's plug-in for VM extensions.</summary>
    private const ushort HostPlugin = 32526;

    /// <summary>Messages other than elements, with room to spare.</summary>
    private const int FixedBytes = 12 * 1024;

    private const int BytesPerElement = 24;

    /// <param name="rules">What is wanted.</param>
    /// <param name="nic">The NIC's name.</param>
    /// <param name="slot">0 or 1: whose names the sets take. Rules and the ones that replace them use different sets.</param>
    /// <param name="nics">NICs besides the one of the default route.</param>
    public EgressTable(EgressRules rules, string nic, int slot, IReadOnlyList<SecondaryNic>? nics = null)
    {
        Nics = nics ?? [];
        if (rules.Pods.Count > EgressRules.MaxPods)
            throw new ArgumentException($"{rules.Pods.Count} pod addresses are more than {EgressRules.MaxPods}.");
        (Nic, Slot) = (nic, slot);
        if (rules.Translate)
        {
            PodElements = [.. rules.Pods.Select(AddressRange.NumberOf).Distinct().Order().Select(address => new NftElement(address, End: false))];
            UntranslatedElements = NftRequests.Elements(rules.Untranslated.Ranges);
            Chains.Add(new NftChain(PostRouting, "nat", NftConstants.HookPostRouting, NatPriority));
            Rules.Add(new EgressRule(PostRouting, "pods to outside the virtual network", (ref NetlinkWriter writer) => Masquerade(ref writer, nic)));
        }
        if (Nics.Count > 0)
        {
            Chains.Add(MarkChain);
            Rules.Add(new EgressRule(Marks, "each NIC's pods by that NIC", Mark));
        }
        foreach (var other in rules.Translate ? Nics.Where(other => other.Name != nic) : [])
        {
            Rules.Add(new EgressRule(PostRouting, $"pods of {other.Name} to outside the virtual network", (ref NetlinkWriter writer) => Masquerade(ref writer, other.Name)));
        }
        if (rules.CloseWireServer || rules.CloseMetadata)
            Chains.Add(new NftChain(Forward, "filter", NftConstants.HookForward, FilterPriority));
        if (rules.CloseWireServer)
            Close(WireServer, WireServerAddress, [Http, HostPlugin]);
        if (rules.CloseMetadata)
            Close(Metadata, MetadataAddress, [Http]);
    }

    /// <summary>See the constructor.</summary>
    public string Nic { get; }

    /// <summary>See the constructor.</summary>
    public IReadOnlyList<SecondaryNic> Nics { get; }

    /// <summary>Name of the map from a pod's address to the mark of its NIC.</summary>
    public string NicMarks => NicMarksOf(Slot);

    /// <summary>Its elements, as <see cref="NftTableState.RawElements"/> tells them; null when there is none.</summary>
    public IReadOnlyDictionary<string, string>? NicMarkElements => Nics.Count == 0 ? null : MarkedPods().ToDictionary(
        pair => Convert.ToHexStringLower(KeyOf(pair.Pod)), pair => Convert.ToHexStringLower(BitConverter.GetBytes(pair.Mark)), StringComparer.Ordinal);

    /// <summary>Chains wanted. A table without chains is not made.</summary>
    public List<NftChain> Chains { get; } = [];

    /// <summary>Rules wanted, in order within each chain.</summary>
    public List<EgressRule> Rules { get; } = [];

    /// <summary>Elements of the set of pods; null when there is no translation and so no sets.</summary>
    public IReadOnlyList<NftElement>? PodElements { get; }

    /// <summary>Elements of the set of destinations without translation, or null.</summary>
    public IReadOnlyList<NftElement>? UntranslatedElements { get; }

    /// <summary>Bytes that suffice for the transaction.</summary>
    public int MaxBytes => FixedBytes + BytesPerElement * ((PodElements?.Count ?? 0) + (UntranslatedElements?.Count ?? 0)) + BytesPerMark * Nics.Sum(nic => nic.Pods.Count + 4);

    /// <summary>See the constructor.</summary>
    public int Slot { get; }

    /// <summary>Name of the set of pods' addresses.</summary>
    public string Pods => PodsOf(Slot);

    /// <summary>Name of the set of destinations without translation.</summary>
    public string Untranslated => UntranslatedOf(Slot);

    /// <summary>
    /// The transaction that makes the sets, which no rule uses yet. They come before the rules, because the kernel may make
    /// the elements of an interval set visible a moment after the rules of the same transaction: a packet of that moment
    /// would find the set empty and be translated, with its whole connection (seen on Linux 6.18). Refused (EBUSY) when the
    /// slot's sets are in use.
    /// </summary>
    public void WriteSets(ref NetlinkWriter writer)
    {
        writer.BeginBatch();
        writer.EnsureTable(Name);
        DeleteSets(ref writer, Slot);
        MakeSets(ref writer);
        writer.EndBatch();
    }

    /// <summary>
    /// The transaction that exchanges the rules and keeps the chains that packets are in: a new chain would see packets
    /// before its rules do, and one packet could pass both while the kernel changes over. The sets of the rules before go
    /// with them. It fails as a whole where the table has things of ours in another shape.
    /// </summary>
    public void WriteExchange(ref NetlinkWriter writer)
    {
        writer.BeginBatch();
        writer.EnsureTable(Name);
        foreach (var chain in Known())
            writer.EnsureChain(Name, chain);
        writer.FlushRules(Name);
        foreach (var chain in Known().Where(known => !Chains.Any(chain => chain.Name == known.Name)))
            writer.DeleteChain(Name, chain.Name);
        DeleteSets(ref writer, 1 - Slot);
        if (PodElements is null && Nics.Count == 0)
            DeleteSets(ref writer, Slot);
        MakeRules(ref writer);
        writer.EndBatch();
    }

    /// <summary>The transaction that deletes the table, whatever is in it, and makes it anew where it is wanted.</summary>
    public void WriteAnew(ref NetlinkWriter writer)
    {
        writer.BeginBatch();
        // Delete wants it to exist.
        writer.EnsureTable(Name);
        writer.DeleteTable(Name);
        if (Chains.Count > 0)
        {
            writer.EnsureTable(Name);
            foreach (var chain in Chains)
                writer.EnsureChain(Name, chain);
            MakeSets(ref writer);
            MakeRules(ref writer);
        }
        writer.EndBatch();
    }

    private static string NicMarksOf(int slot) => $"nics{slot}";

    private static byte[] KeyOf(uint pod)
    {
        var key = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(key, pod);
        return key;
    }

    // An address that two NICs claim is the first one's.
    private IEnumerable<(uint Pod, uint Mark)> MarkedPods() =>
        Nics.SelectMany(nic => nic.Pods.Select(pod => (pod, nic.Mark))).DistinctBy(pair => pair.pod);

    private static string PodsOf(int slot) => $"pods{slot}";

    private static string UntranslatedOf(int slot) => $"nomasq{slot}";

    // Chains of ours, wanted or not: those not wanted may be there from before.
    private IEnumerable<NftChain> Known() => Chains.UnionBy(
    [
        new NftChain(PostRouting, "nat", NftConstants.HookPostRouting, NatPriority),
        new NftChain(Forward, "filter", NftConstants.HookForward, FilterPriority),
        MarkChain,
        new NftChain(WireServer),
        new NftChain(Metadata),
    ], chain => chain.Name);

    private static void DeleteSets(ref NetlinkWriter writer, int slot)
    {
        // Delete wants them to exist.
        writer.EnsureSet(Name, PodsOf(slot), 1, ranges: false);
        writer.DeleteSet(Name, PodsOf(slot));
        writer.EnsureSet(Name, UntranslatedOf(slot), 2, ranges: true);
        writer.DeleteSet(Name, UntranslatedOf(slot));
        writer.EnsureSet(Name, NicMarksOf(slot), 5, s_marks);
        writer.DeleteSet(Name, NicMarksOf(slot));
    }

    private void MakeSets(ref NetlinkWriter writer)
    {
        if (Nics.Count > 0)
        {
            writer.EnsureSet(Name, NicMarks, 6, s_marks);
            foreach (var (pod, mark) in MarkedPods())
                writer.Element(NftMessage.NewElement, Name, NicMarks, KeyOf(pod), BitConverter.GetBytes(mark));
        }
        if (PodElements is null || UntranslatedElements is null)
            return;
        writer.EnsureSet(Name, Pods, 3, ranges: false);
        writer.AddElements(Name, Pods, 3, PodElements);
        writer.EnsureSet(Name, Untranslated, 4, ranges: true);
        writer.AddElements(Name, Untranslated, 4, UntranslatedElements);
    }

    private void MakeRules(ref NetlinkWriter writer)
    {
        foreach (var rule in Rules)
        {
            var expressions = writer.BeginRule(Name, rule.Chain, rule.Comment);
            rule.Write(ref writer);
            writer.EndRule(expressions);
        }
    }

    private void Masquerade(ref NetlinkWriter writer, string nic)
    {
        writer.OutInterface(nic);
        writer.SourceIn(Pods);
        writer.DestinationNotIn(Untranslated);
        writer.Counter();
        writer.Masquerade();
    }

    private void Mark(ref NetlinkWriter writer)
    {
        writer.MapSource(NicMarksOf(Slot));
        writer.SetMeta(NftExpression.MetaMark);
    }

    // Answers pass: to a health probe from a port that is closed in the other direction, say. A packet that is not
    // tracked is no answer.
    private void Close(string chain, uint address, ushort[] ports)
    {
        Chains.Add(new NftChain(chain));
        Rules.Add(new EgressRule(Forward, $"to {chain}", (ref NetlinkWriter writer) =>
        {
            writer.Destination(address);
            writer.Verdict(NftConstants.VerdictGoto, chain);
        }));
        Rules.Add(new EgressRule(chain, "answers", (ref NetlinkWriter writer) =>
        {
            writer.IsReply();
            writer.Verdict(NftConstants.VerdictAccept);
        }));
        foreach (var port in ports)
        {
            Rules.Add(new EgressRule(chain, $"closed to pods, port {port}", (ref NetlinkWriter writer) =>
            {
                writer.TcpDestinationPort(port);
                writer.Counter();
                writer.RejectWithReset();
            }));
        }
    }
}

/// <summary>A rule of ours.</summary>
/// <param name="Chain">The chain it is in.</param>
/// <param name="Comment">Shown by nft; ASCII, at most 100 characters.</param>
/// <param name="Write">Writes its expressions.</param>
internal sealed record EgressRule(string Chain, string Comment, NetlinkQuestion Write);

using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Conntrack;

/// <summary>
/// Forgets the tracked connections of addresses that leave. Otherwise the next pod of such an address would get packets of
/// the pod before it, and its own connections could be translated as that one's were.
/// </summary>
internal static class ConntrackFlush
{
    /// <summary>
    /// A dump walks the whole hash table, 10 ms at 262,144 buckets, and each entry that it gives costs about a microsecond.
    /// So the kernel is asked to sift, twice for each address, only where that spares many entries.
    /// </summary>
    private const int MaxFiltered = 2;

    private const uint FewEntries = 20_000;

    private const int BytesPerMessage = 256;

    /// <summary>Entries deleted in one go; what is more is found by the next round.</summary>
    private const int MaxEntries = 64 * 1024;

    private static readonly NetfilterHeader Ip = new() { Family = Family.Inet };

    /// <summary>
    /// Deletes every IPv4 entry in which one of the addresses takes part. Returns how many; null when the kernel has no
    /// ctnetlink. Throws <see cref="DataplaneException"/>.
    /// </summary>
    public static int? Run(NetlinkSocket socket, IReadOnlyCollection<IPAddress> addresses, uint fewEntries = FewEntries)
    {
        var wanted = ConntrackEntry.NumbersOf(addresses);
        var deleted = 0;
        while (true)
        {
            if (Count(socket) is not { } entries)
                return null;
            if (entries == 0)
                return deleted;
            var found = Find(socket, wanted, wanted.Count <= MaxFiltered && entries > fewEntries);
            foreach (var chunk in found.Chunk(NetlinkSocket.MaxBatch))
                deleted += Delete(socket, chunk);
            if (found.Count < MaxEntries)
                return deleted;
        }
    }

    /// <summary>Entries of the network namespace; null when the kernel has no ctnetlink.</summary>
    public static uint? Count(NetlinkSocket socket)
    {
        uint count = 0;
        var failure = socket.Ask(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(ConntrackMessage.GetStatistics, 0, Ip);
                writer.End();
            },
            (_, payload) =>
            {
                var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
                while (attributes.MoveNext())
                    count = attributes.Type == ConntrackConstants.GlobalEntries ? attributes.BigEndianNumber : count;
            });
        if (failure is { Errno: Errno.Invalid or Errno.NotSupported or Errno.ProtocolNotSupported })
            return null;
        return failure is null ? count : throw failure.ToException("counting tracked connections");
    }

    private static List<ConntrackEntry> Find(NetlinkSocket socket, HashSet<uint> wanted, bool filtered)
    {
        var found = new List<ConntrackEntry>();
        if (!filtered)
        {
            Dump(socket, wanted, found);
            return found;
        }
        foreach (var address in wanted)
        {
            Dump(socket, wanted, found, ConntrackConstants.TupleOriginal, address);
            Dump(socket, wanted, found, ConntrackConstants.TupleReply, address);
        }
        return found;
    }

    // A kernel before 5.8 ignores the filter and gives every entry, so each is looked at here again. An entry that has
    // one of the addresses as destination only, which somebody translates away from it, is found by the whole dump alone.
    private static void Dump(NetlinkSocket socket, HashSet<uint> wanted, List<ConntrackEntry> found, ushort? tuple = null, uint address = 0)
    {
        var before = found.Count;
        socket.Dump(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(ConntrackMessage.Get, MessageFlags.Dump, Ip);
                if (tuple is { } which)
                    writer.PutFilter(which, address);
                writer.End();
            },
            "listing tracked connections",
            () => found.RemoveRange(before, found.Count - before),
            (type, payload) =>
            {
                if (type == ConntrackMessage.New && found.Count < MaxEntries && ConntrackEntry.Parse(payload, wanted) is { } entry)
                    found.Add(entry);
            });
    }

    private static void PutFilter(this ref NetlinkWriter writer, ushort tuple, uint address)
    {
        var nest = writer.BeginNest((ushort)(tuple | Nftables.NftConstants.Nested));
        var ip = writer.BeginNest(ConntrackConstants.TupleIp | Nftables.NftConstants.Nested);
        writer.PutBigEndian(ConntrackConstants.IpSource, address);
        writer.EndNest(ip);
        writer.EndNest(nest);
        var filter = writer.BeginNest(ConntrackConstants.Filter | Nftables.NftConstants.Nested);
        // In host byte order, unlike most of netfilter.
        writer.Put(ConntrackConstants.FilterOriginal, tuple == ConntrackConstants.TupleOriginal ? ConntrackConstants.BySource : 0);
        writer.Put(ConntrackConstants.FilterReply, tuple == ConntrackConstants.TupleReply ? ConntrackConstants.BySource : 0);
        writer.EndNest(filter);
    }

    private static int Delete(NetlinkSocket socket, ConntrackEntry[] entries)
    {
        var writer = socket.Write(new byte[NetlinkSocket.MaxBatch * BytesPerMessage]);
        foreach (var entry in entries)
        {
            writer.BeginChange(ConntrackMessage.Delete, 0, Ip);
            writer.Put(ConntrackConstants.TupleOriginal | Nftables.NftConstants.Nested, entry.Tuple);
            if (entry.Id is { } id)
                writer.Put(ConntrackConstants.Id, id);
            if (entry.Zone is { } zone)
                writer.Put(ConntrackConstants.Zone, zone);
            writer.End();
        }
        var failures = socket.Send(writer);
        // ENOENT: it ended by itself, or was found by two questions.
        if (failures.FirstOrDefault(failure => failure.Errno != Errno.NoEntry) is { } failed)
            throw failed.ToException("forgetting a tracked connection");
        return entries.Length - failures.Count;
    }
}

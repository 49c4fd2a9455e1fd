using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

/// <summary>
/// Bytes of the checkpoint. Header: magic, u16 version, boot id, CRC-32. Record: u16 length of the body, body, CRC-32 of both.
/// Numbers are little-endian; a text is a u16 length and UTF-8. Version 1 is read too: its entries end after the owner, where
/// version 2 has the claimants of a quarantined address (u8 count, three texts each), and its meta data after the revision,
/// where version 2 has the rest in ticks. A file is of one version throughout.
/// </summary>
internal static class RecordCodec
{
    public const ushort Version = 2;
    public const ushort OldestVersion = 1;
    public const int MaxBody = 4096;

    // Far above what a pool may set.
    private static readonly TimeSpan LongestCooldown = TimeSpan.FromDays(1);

    // In characters; a reason is for people.
    private const int LongestReason = 512;

    // More than two are not known to happen; the kernel's links bring the rest back after a restart.
    private const int MostClaimants = 8;
    private const byte EntryKind = 1;
    private const byte DropKind = 2;
    private const byte MetaKind = 3;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static ReadOnlySpan<byte> Magic => "vnetcni\n"u8;

    public static void WriteHeader(ArrayBufferWriter<byte> output, string bootId)
    {
        var start = output.WrittenCount;
        output.Write(Magic);
        WriteU16(output, Version);
        WriteText(output, bootId);
        Seal(output, start);
    }

    public static void WriteEntry(ArrayBufferWriter<byte> output, in LedgerRecord record)
    {
        var start = Open(output, EntryKind);
        WriteAddress(output, record.Address);
        WriteU8(output, (byte)record.State);
        WriteU8(output, (byte)((record.Plumbed ? 1 : 0) | (record.Owner is null ? 0 : 2) | (record.Promised ? 4 : 0)));
        WriteI64(output, (long)record.NamespaceInode);
        WriteI64(output, record.Since.UtcTicks);
        WriteI64(output, record.Until.UtcTicks);
        WriteText(output, record.HostInterface);
        WriteText(output, Cut(record.Reason));
        if (record.Owner is { } owner)
        {
            WriteOwner(output, owner);
        }

        var claimants = Math.Min(record.Claimants.Count, MostClaimants);
        WriteU8(output, (byte)claimants);
        for (var i = 0; i < claimants; i++)
            WriteOwner(output, record.Claimants[i]);

        Close(output, start);
    }

    public static void WriteDrop(ArrayBufferWriter<byte> output, IpAddress address)
    {
        var start = Open(output, DropKind);
        WriteAddress(output, address);
        Close(output, start);
    }

    public static void WriteMeta(ArrayBufferWriter<byte> output, LedgerMeta meta)
    {
        var start = Open(output, MetaKind);
        WriteU8(output, meta.Fenced ? (byte)1 : (byte)0);
        WriteI64(output, meta.Revision);
        WriteI64(output, meta.ReuseCooldown.Ticks);
        Close(output, start);
    }

    /// <summary>The boot id and the header's length; a null id when the bytes are no header, with the version when it is readable.</summary>
    public static (string? BootId, int Length, int Version) ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var head = Magic.Length + 4;
        if (bytes.Length < head || !bytes.StartsWith(Magic))
            return (null, 0, 0);
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[Magic.Length..]);
        var boot = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(Magic.Length + 2)..]);
        if (version is < OldestVersion or > Version || boot > 256 || bytes.Length < head + boot + 4)
            return (null, 0, version);
        var length = head + boot;
        if (Crc32.HashToUInt32(bytes[..length]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[length..]))
            return (null, 0, version);
        return (Encoding.UTF8.GetString(bytes[head..length]), length + 4, version);
    }

    /// <summary>
    /// One record from the start of the bytes. False with length 0 when there is none that is whole; with its length when it is
    /// whole in size but damaged.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int version, out int length, out JournalRecord record)
    {
        length = 0;
        record = default;
        if (bytes.Length < 2)
            return false;
        var body = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (bytes.Length < 2 + body + 4)
            return false;
        length = 2 + body + 4;
        if (body is 0 or > MaxBody // the writer makes neither
            || Crc32.HashToUInt32(bytes[..(2 + body)]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2 + body)..]))
            return false;
        var reader = new BodyReader(bytes.Slice(2, body));
        record = Decode(ref reader, version);
        return !reader.Failed && reader.AtEnd;
    }

    private static JournalRecord Decode(ref BodyReader reader, int version)
    {
        switch (reader.U8())
        {
            case EntryKind:
                var address = reader.Address();
                var state = (AddressState)reader.U8();
                var flags = reader.U8();
                var inode = (ulong)reader.I64();
                var since = reader.Time();
                var until = reader.Time();
                var link = reader.Text();
                var reason = reader.Text();
                var owner = (flags & 2) != 0 ? ReadOwner(ref reader) : null;
                var claimants = version >= 2 ? ReadClaimants(ref reader) : [];
                var needsOwner = state is AddressState.Assigned or AddressState.Detaching;
                if (!Enum.IsDefined(state) || (needsOwner && owner is null))
                    reader.Fail();
                return new JournalRecord(
                    new LedgerRecord(address, state, owner, link, inode, (flags & 1) != 0, since, until, reason)
                    {
                        Claimants = claimants,
                        Promised = (flags & 4) != 0, // a version that does not know the bit reads over it
                    },
                    default,
                    null);
            case DropKind:
                return new JournalRecord(null, reader.Address(), null);
            case MetaKind:
                return new JournalRecord(null, default, ReadMeta(ref reader, version));
            default:
                reader.Fail();
                return default;
        }
    }

    private static LedgerMeta ReadMeta(ref BodyReader reader, int version)
    {
        var meta = new LedgerMeta(reader.U8() != 0, reader.I64());
        if (version < 2)
            return meta;
        var cooldown = TimeSpan.FromTicks(reader.I64());
        if (cooldown < TimeSpan.Zero || cooldown > LongestCooldown)
            reader.Fail();
        return meta with { ReuseCooldown = cooldown };
    }

    private static Owner ReadOwner(ref BodyReader reader) => new(reader.Text(), reader.Text(), reader.Text());

    private static Owner[] ReadClaimants(ref BodyReader reader)
    {
        var count = reader.U8();
        if (count > MostClaimants)
            reader.Fail();
        if (count == 0 || reader.Failed)
            return [];
        var claimants = new Owner[count];
        for (var i = 0; i < count; i++)
            claimants[i] = ReadOwner(ref reader);
        return claimants;
    }

    private static void WriteOwner(ArrayBufferWriter<byte> output, Owner owner)
    {
        WriteText(output, owner.Network);
        WriteText(output, owner.ContainerId);
        WriteText(output, owner.InterfaceName);
    }

    private static int Open(ArrayBufferWriter<byte> output, byte kind)
    {
        var start = output.WrittenCount;
        WriteU16(output, 0);
        WriteU8(output, kind);
        return start;
    }

    private static void Close(ArrayBufferWriter<byte> output, int start)
    {
        var body = output.WrittenCount - start - 2;
        if (body > MaxBody)
            throw new IOException($"a ledger record of {body} bytes is longer than {MaxBody}");
        BinaryPrimitives.WriteUInt16LittleEndian(Written(output)[start..], (ushort)body);
        Seal(output, start);
    }

    private static void Seal(ArrayBufferWriter<byte> output, int start)
    {
        var crc = Crc32.HashToUInt32(output.WrittenSpan[start..]);
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), crc);
        output.Advance(4);
    }

    // The length of a body is known only when it is written.
    private static Span<byte> Written(ArrayBufferWriter<byte> output) =>
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(output.WrittenMemory).Span;

    private static void WriteU8(ArrayBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    private static void WriteU16(ArrayBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private static void WriteI64(ArrayBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string text)
    {
        var length = Utf8.GetByteCount(text);
        if (length > MaxBody)
            throw new IOException($"a text of {length} bytes does not fit a ledger record");
        WriteU16(output, (ushort)length);
        output.Advance(Utf8.GetBytes(text, output.GetSpan(length)));
    }

    // Not in the middle of a character: half of one is no UTF-8.
    private static string Cut(string reason) =>
        reason.Length <= LongestReason ? reason : reason[..(char.IsHighSurrogate(reason[LongestReason - 1]) ? LongestReason - 1 : LongestReason)];

    private static void WriteAddress(ArrayBufferWriter<byte> output, IpAddress address)
    {
        WriteU8(output, (byte)(address.Bits / 8));
        BinaryPrimitives.WriteUInt128LittleEndian(output.GetSpan(16), address.Value);
        output.Advance(16);
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using CsCheck;
using Vnetcni.Fuzzing;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Fuzzing;

/// <summary>Checkpoints that are torn, spoilt, or made by somebody who knows the checksum.</summary>
public sealed class CheckpointFuzzTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerRecord[] s_records =
    [
        Record(1, AddressState.Assigned), Record(2, AddressState.Detaching), Record(3, AddressState.Cooling) with { Promised = true },
        Record(4, AddressState.Quarantined) with { Reason = "two claim it – beide", Claimants = [new Owner("net", "a", "eth0"), new Owner("net", "b", "eth0")] },
        Record(5, AddressState.Offered) with { Address = IpAddress.Parse("fd00::5") },
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-fuzz-").FullName;
    private int _files;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_spoilt_checkpoint_is_set_aside_or_read_and_says_nothing_that_was_not_written() =>
        Fuzz.Check([Written()], [], bytes =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{Interlocked.Increment(ref _files)}"));
            var path = Path.Combine(folder.FullName, "ledger");
            File.WriteAllBytes(path, bytes);
            using (var store = new FileLedgerStore(path, "boot"))
            {
                var image = store.Load();
                Assert.All(image.Records, record => Assert.Contains(record, s_records));
                Assert.Contains(image.Meta, new[] { LedgerMeta.None, new LedgerMeta(true, 42) });
                if (!image.Valid)
                {
                    // Set aside as it was, and named.
                    Assert.Empty(image.Records);
                    Assert.False(File.Exists(path));
                    Assert.Equal(bytes, File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.FullName))));
                    Assert.Contains("set aside", image.Finding, StringComparison.Ordinal);
                }
                else if (bytes.Length < Written().Length)
                {
                    Assert.True(image.Records.Count <= s_records.Length);
                }

                // As the agent does it: from here on the file is whole.
                store.Replace(image.Records, image.Meta);
                store.Append(s_records[0]);
            }

            using (var again = new FileLedgerStore(path, "boot"))
                Assert.Contains(s_records[0], again.Load().Records);
            folder.Delete(recursive: true);
        }, cases: 500, most: 4096);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_spoilt_record_with_the_right_checksum_is_none_or_can_be_written_again(int version)
    {
        var bodies = s_records.Select(record => Body(output => RecordCodec.WriteEntry(output, record)))
            .Append(Body(output => RecordCodec.WriteDrop(output, IpAddress.V4(7)))).Append(Body(output => RecordCodec.WriteMeta(output, new LedgerMeta(true, 42))));
        Fuzz.Check([.. bodies], [], body =>
        {
            var sealed_ = Seal(body);
            if (!RecordCodec.TryRead(sealed_, version, out var length, out var record))
                return;
            Assert.Equal(sealed_.Length, length);
            var output = new ArrayBufferWriter<byte>();
            if (record.Entry is { } entry)
                RecordCodec.WriteEntry(output, entry);
            else if (record.Meta is { } meta)
                RecordCodec.WriteMeta(output, meta);
            else
                RecordCodec.WriteDrop(output, record.Dropped);
            Assert.True(RecordCodec.TryRead(output.WrittenSpan, RecordCodec.Version, out _, out var again));
            Assert.Equal(record.Meta, again.Meta);
            Assert.Equal(record.Dropped, again.Dropped);
            Assert.Equal(record.Entry?.Address, again.Entry?.Address);
            if (record.Entry is { Reason.Length: <= 512 })
                Assert.Equal(record.Entry, again.Entry);
        });
    }

    [Fact]
    public void Any_reason_is_kept_and_cut_between_two_characters() =>
        Gen.Select(Gen.Int[500, 520], Gen.Int[0, 4]).Sample((length, tail) =>
        {
            var record = Record(1, AddressState.Quarantined) with { Reason = new string('a', length) + string.Concat(Enumerable.Repeat("\U0001F600", tail)) };
            var output = new ArrayBufferWriter<byte>();
            RecordCodec.WriteEntry(output, record);
            Assert.True(RecordCodec.TryRead(output.WrittenSpan, RecordCodec.Version, out _, out var read));
            Assert.StartsWith(read.Entry!.Value.Reason, record.Reason, StringComparison.Ordinal);
            Assert.InRange(read.Entry.Value.Reason.Length, Math.Min(record.Reason.Length, 511), 512);
        });

    private static LedgerRecord Record(uint n, AddressState state) => new(
        IpAddress.V4(0x0A000000u + n), state, state is AddressState.Assigned or AddressState.Detaching ? new Owner("net", $"c{n}", "eth0") : null,
        "azvabcdefghijkl", 4026531840, state == AddressState.Assigned, s_now, s_now.AddSeconds(30), "");

    private static byte[] Written()
    {
        var output = new ArrayBufferWriter<byte>();
        RecordCodec.WriteHeader(output, "boot");
        RecordCodec.WriteMeta(output, new LedgerMeta(true, 42));
        foreach (var record in s_records)
            RecordCodec.WriteEntry(output, record);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Body(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan[2..^4].ToArray();
    }

    private static byte[] Seal(byte[] body)
    {
        var bytes = new byte[2 + body.Length + 4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)body.Length);
        body.CopyTo(bytes, 2);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(2 + body.Length), Crc32.HashToUInt32(bytes.AsSpan(0, 2 + body.Length)));
        return bytes;
    }
}

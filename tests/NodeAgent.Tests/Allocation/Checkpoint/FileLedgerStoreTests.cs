using CsCheck;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation.Checkpoint;

public sealed class FileLedgerStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-store-").FullName;

    private string Checkpoint => System.IO.Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_appended_is_there_after_a_restart()
    {
        LedgerRecord[] records =
        [
            Record(1, AddressState.Assigned, plumbed: true), Record(2, AddressState.Detaching), Record(3, AddressState.Cooling),
            Record(4, AddressState.Quarantined) with { Reason = "two claim it – beide" },
            Record(5, AddressState.Offered) with { Address = IpAddress.Parse("fd00::5") },
        ];
        using (var store = Open())
        {
            foreach (var record in records)
                store.Append(record);
            store.Append(Record(9, AddressState.Cooling));
            store.Drop(Ip(9));
            store.Append(new LedgerMeta(true, 42));
        }

        using var again = Open(load: false);
        var image = again.Load();
        Assert.True(image.Valid);
        Assert.Equal(records, image.Records);
        Assert.Equal(new LedgerMeta(true, 42), image.Meta);
        Assert.Empty(image.Finding);
    }

    [Fact]
    public void A_checkpoint_torn_at_any_byte_gives_the_records_before_the_tear()
    {
        List<(long End, int Records)> marks = [];
        using (var store = Open())
        {
            marks.Add((new FileInfo(Checkpoint).Length, 0));
            for (var n = 1; n <= 4; n++)
            {
                store.Append(Record(n, AddressState.Assigned));
                marks.Add((new FileInfo(Checkpoint).Length, n));
            }
        }

        var whole = File.ReadAllBytes(Checkpoint);
        for (var length = (int)marks[0].End; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Checkpoint, whole[..length]);
            using (var torn = Open(load: false))
            {
                var image = torn.Load();
                Assert.True(image.Valid);
                Assert.Equal(marks.Last(mark => mark.End <= length).Records, image.Records.Count);
                Assert.Equal(marks.Any(mark => mark.End == length), image.Finding.Length == 0);
                torn.Append(Record(77, AddressState.Cooling));
            }

            using var next = Open(load: false);
            Assert.Contains(next.Load().Records, record => record.Address == Ip(77));
        }
    }

    [Fact]
    public void A_header_torn_at_any_byte_is_set_aside()
    {
        using (Open())
        {
        }

        var header = File.ReadAllBytes(Checkpoint);
        var meta = header.Length - 24;
        for (var length = 0; length < meta; length++)
        {
            File.WriteAllBytes(Checkpoint, header[..length]);
            using var store = Open(load: false);
            var image = store.Load();
            Assert.False(image.Valid);
            Assert.Contains("set aside", image.Finding);
            Assert.False(File.Exists(Checkpoint));
        }
    }

    [Fact]
    public void A_flipped_bit_never_gives_a_record_that_was_not_written()
    {
        using (var store = Open())
        {
            for (var n = 1; n <= 3; n++)
                store.Append(Record(n, AddressState.Assigned));
        }

        var whole = File.ReadAllBytes(Checkpoint);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var bytes = whole.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Checkpoint, bytes);
            using var store = Open(load: false);
            var image = store.Load();
            Assert.All(image.Records, record => Assert.Equal(Record((int)(record.Address.Value - Ip(0).Value), AddressState.Assigned), record));
            // All but the last record are followed by others: a flip in them is no tear.
            Assert.True(image.Valid ? image.Finding.Length > 0 : File.Exists(Checkpoint + ".damaged") || image.Finding.Length > 0);
        }
    }

    [Fact]
    public void Any_bytes_are_read_without_a_fault() =>
        Gen.Byte.Array[0, 200].Sample(
            bytes =>
            {
                var body = RecordCodec.TryRead(bytes, RecordCodec.Version, out var length, out _);
                Assert.True(length <= bytes.Length && (!body || length > 0));
                RecordCodec.ReadHeader([.. RecordCodec.Magic, .. bytes]);
            },
            iter: 20_000);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{\"pods\": []}", "foreign")]
    public void A_file_that_is_not_a_checkpoint_is_set_aside(string content, string reason)
    {
        File.WriteAllText(Checkpoint, content);
        using var store = Open(load: false);
        Assert.False(store.Load().Valid);
        Assert.Equal(content, File.ReadAllText($"{Checkpoint}.{reason}"));
    }

    [Fact]
    public void A_checkpoint_of_a_later_version_is_set_aside()
    {
        using (Open())
        {
        }

        var bytes = File.ReadAllBytes(Checkpoint);
        bytes[RecordCodec.Magic.Length] = RecordCodec.Version + 1;
        File.WriteAllBytes(Checkpoint, bytes);
        using var store = Open(load: false);
        Assert.Contains("format 3", store.Load().Finding);
        Assert.True(File.Exists(Checkpoint + ".future"));
    }

    [Fact]
    public void A_reboot_voids_the_checkpoint()
    {
        using (var store = Open())
            store.Append(Record(1, AddressState.Assigned));
        using var next = new FileLedgerStore(Checkpoint, "another-boot");
        var image = next.Load();
        Assert.False(image.Valid);
        Assert.Empty(image.Records);
        Assert.Equal(LedgerMeta.None, image.Meta);
    }

    [Fact]
    public void The_file_is_compacted_and_says_the_same()
    {
        using (var store = new FileLedgerStore(Checkpoint, "boot", compactAt: 4096))
        {
            store.Load();
            store.Replace([], LedgerMeta.None);
            store.Append(new LedgerMeta(true, 7));
            for (var n = 0; n < 5000; n++)
                store.Append(Record(n % 10, n % 2 == 0 ? AddressState.Assigned : AddressState.Cooling));
            Assert.InRange(new FileInfo(Checkpoint).Length, 1, 20_000);
        }

        using var again = Open(load: false);
        var image = again.Load();
        Assert.Equal(10, image.Records.Count);
        Assert.Equal(7, image.Meta.Revision);
        Assert.Equal([Checkpoint], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_rewrite_that_fails_leaves_the_old_file_in_use_is_counted_and_tried_again()
    {
        using (var store = new FileLedgerStore(Checkpoint, "boot", compactAt: 4096))
        {
            store.Load();
            store.Replace([], new LedgerMeta(true, 7));
            // Neither to be removed nor to be opened: what a full disk or a lack of descriptors does to a rewrite.
            var obstacle = Directory.CreateDirectory(Checkpoint + ".new");
            File.WriteAllText(Path.Combine(obstacle.FullName, "x"), "");
            for (var n = 0; n < 500; n++)
                store.Append(Record(n % 10, AddressState.Assigned));
            Assert.InRange(store.FailedCompactions, 5, 50);
            Assert.Throws<IOException>(() => store.Replace([], LedgerMeta.None));
            store.Append(Record(11, AddressState.Cooling));
            using (var reader = Open(load: false))
                Assert.Equal(11, reader.Load().Records.Count);

            obstacle.Delete(recursive: true);
            var failed = store.FailedCompactions;
            for (var n = 0; n < 100; n++)
                store.Append(Record(n % 10, AddressState.Assigned));
            Assert.Equal(failed, store.FailedCompactions);
            Assert.InRange(new FileInfo(Checkpoint).Length, 1, 20_000);
        }

        using var again = Open(load: false);
        var image = again.Load();
        Assert.Equal(11, image.Records.Count);
        Assert.Equal(new LedgerMeta(true, 7), image.Meta);
        Assert.Equal([Checkpoint], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Random_records_survive_a_round_trip() =>
        Gen.Select(Gen.Int[1, 7], Gen.UInt, Gen.String[0, 40], Gen.ULong, Gen.Bool, Gen.Long[0, DateTimeOffset.MaxValue.UtcTicks])
            .Sample((state, address, name, inode, plumbed, ticks) =>
            {
                // A lone surrogate is no text; names come from JSON and are checked before.
                var text = new string([.. name.Where(c => !char.IsSurrogate(c))]);
                var record = new LedgerRecord(
                    IpAddress.V4(address), (AddressState)state, new Owner(text, "c", "eth0"), text, inode, plumbed,
                    new DateTimeOffset(ticks, TimeSpan.Zero), new DateTimeOffset(ticks, TimeSpan.Zero), "")
                { Promised = ticks % 2 == 0 };
                var buffer = new System.Buffers.ArrayBufferWriter<byte>();
                RecordCodec.WriteEntry(buffer, record);
                Assert.True(RecordCodec.TryRead(buffer.WrittenSpan, RecordCodec.Version, out var length, out var read));
                Assert.Equal(buffer.WrittenCount, length);
                Assert.Equal(record, read.Entry);
            });

    private static IpAddress Ip(int n) => IpAddress.V4(0x0A000000u + (uint)n);

    private static LedgerRecord Record(int n, AddressState state, bool plumbed = false) => new(
        Ip(n), state, state is AddressState.Assigned or AddressState.Detaching ? new Owner("net", $"c{n}", "eth0") : null,
        "azvabcdefghijkl", 4026531840, plumbed, Now, Now.AddSeconds(30), "");

    private FileLedgerStore Open(bool load = true)
    {
        var store = new FileLedgerStore(Checkpoint, "boot");
        if (!load)
            return store;
        store.Load();
        store.Replace([], LedgerMeta.None);
        return store;
    }
}

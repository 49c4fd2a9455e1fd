using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation.Checkpoint;

/// <summary>An agent reads what the version before it wrote, and sets aside what a later one wrote.</summary>
public sealed class CheckpointVersionTests : IDisposable
{
    // Written by hand (struct.pack and zlib.crc32 of Python): meta, an assignment, a quarantine of one claimant, a rest that was dropped.
    private const string FormatOne =
        "dm5ldGNuaQoBAAQAYm9vdNquEmgKAAMBKgAAAAAAAADQ/xgFRQABBAEAAQoAAAAAAAAAAAAAAAACAwAAAPAAAAAAAACzpp6h2ggAALOmnqHaCA" +
        "YAYXp2YWJjAAADAG5ldAIAYzEEAGV0aDCQLEJVUQABBAIAAQoAAAAAAAAAAAAAAAAHAgAAAPAAAAAAAACzpp6h2ggAALOmnqHaCAYAYXp2ZGVm" +
        "DAB0d28gY2xhaW0gaXQDAG5ldAIAYzIEAGV0aDDJjS1aMAABBAMAAQoAAAAAAAAAAAAAAAAEAAAAAPAAAAAAAACzpp6h2ggAALOmnqHaCAAAAA" +
        "CLq/A3EgACBAMAAQoAAAAAAAAAAAAAAADKOZnd";

    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-format-").FullName;

    private string Checkpoint => Path.Combine(_folder, "ledger");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_checkpoint_of_format_1_is_read_and_written_anew_in_the_present_format()
    {
        File.WriteAllBytes(Checkpoint, Convert.FromBase64String(FormatOne));
        using (var store = new FileLedgerStore(Checkpoint, "boot"))
        {
            var image = store.Load();
            Assert.True(image.Valid);
            Assert.Equal(new LedgerMeta(true, 42), image.Meta);
            Assert.Equal([AddressState.Assigned, AddressState.Quarantined], image.Records.Select(record => record.State));
            Assert.Equal(new Owner("net", "c1", "eth0"), image.Records[0].Owner);
            Assert.Equal("two claim it", image.Records[1].Reason);

            // Its one claimant is the owner, as that version had it.
            var recovery = LedgerRecovery.Recover(image.Records, true, [], new LedgerPolicy(), DateTimeOffset.UnixEpoch);
            Assert.True(recovery.Ledger.TryFind(image.Records[1].Address, out var entry));
            Assert.Equal([new Owner("net", "c2", "eth0")], entry.Claimants);

            // Two formats in one file could not be told apart.
            Assert.Throws<IOException>(() => store.Append(image.Records[0]));
            store.Replace(image.Records, image.Meta);
            store.Append(image.Records[0]);
        }

        Assert.Equal(RecordCodec.Version, File.ReadAllBytes(Checkpoint)[RecordCodec.Magic.Length]);
        using var again = new FileLedgerStore(Checkpoint, "boot");
        Assert.Equal(2, again.Load().Records.Count);
    }

    [Theory]
    [InlineData(0, "foreign")]
    [InlineData(3, "future")]
    [InlineData(200, "future")]
    public void Any_other_format_is_set_aside(byte version, string reason)
    {
        var bytes = Convert.FromBase64String(FormatOne);
        bytes[RecordCodec.Magic.Length] = version;
        File.WriteAllBytes(Checkpoint, bytes);
        using var store = new FileLedgerStore(Checkpoint, "boot");
        var image = store.Load();
        Assert.False(image.Valid);
        Assert.Empty(image.Records);
        Assert.Equal(bytes, File.ReadAllBytes($"{Checkpoint}.{reason}"));
        store.Replace([], LedgerMeta.None);
    }

    [Fact]
    public void Every_claimant_of_a_quarantined_address_outlives_a_restart()
    {
        Owner[] claimants = [new("net", "c1", "eth0"), new("net", "c2", "eth0")];
        var record = new LedgerRecord(
            IpAddress.V4(1), AddressState.Quarantined, claimants[0], "", 0, false, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "both")
        { Claimants = claimants };
        using (var store = new FileLedgerStore(Checkpoint, "boot"))
        {
            store.Load();
            store.Replace([record], LedgerMeta.None);
        }

        using var again = new FileLedgerStore(Checkpoint, "boot");
        Assert.Equal(record, Assert.Single(again.Load().Records));
    }
}

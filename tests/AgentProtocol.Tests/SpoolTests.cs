using Vnetcni.AgentProtocol.Spool;

namespace Vnetcni.AgentProtocol.Tests;

public sealed class SpoolTests : IDisposable
{
    private static readonly SpoolEntry s_entry = new("boot-1", "vnet", "c1", "eth0", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("vnetcni-").FullName, "a", "spool");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(_path))!, recursive: true);

    [Fact]
    public void An_entry_is_read_as_it_was_written_and_once_however_often_it_was()
    {
        var spool = new SpoolFolder(_path);
        Assert.Empty(spool.Read());
        var file = spool.Write(s_entry);
        Assert.Equal(file, spool.Write(s_entry));
        Assert.Equal((file, s_entry), Assert.Single(spool.Read()));
        Assert.True(spool.Has("vnet", "c1", "eth0"));
        Assert.False(spool.Has("vnet", "c1", "eth1"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Empty(spool.Temporaries());
    }

    [Fact]
    public void Owners_have_files_of_their_own()
    {
        var names = from network in new[] { "a", "b" }
                    from id in new[] { "c", "d", "c/" }
                    from ifname in new[] { "eth0", "eth1" }
                    select SpoolEntry.FileName(network, id, ifname);
        Assert.Equal(12, names.Distinct().Count());
    }

    [Fact]
    public void A_file_torn_at_any_byte_is_no_entry()
    {
        var whole = s_entry.ToJson();
        for (var length = 0; length < whole.Length; length++)
            Assert.Null(SpoolEntry.Parse(whole.AsSpan(0, length)));
        Assert.Equal(s_entry, SpoolEntry.Parse(whole));
    }

    [Fact]
    public void Foreign_files_do_not_hide_the_others()
    {
        var spool = new SpoolFolder(_path);
        spool.Write(s_entry);
        File.WriteAllText(Path.Combine(_path, "0.del"), "hello");
        File.WriteAllBytes(Path.Combine(_path, "1.del"), new byte[1024 * 1024]);
        Directory.CreateDirectory(Path.Combine(_path, "2.del"));
        File.WriteAllText(Path.Combine(_path, "3.del"), """{"v":1,"boot":"b","network":"n","id":"../x","ifname":"eth0"}""");
        File.WriteAllText(Path.Combine(_path, "4.del"), """{"v":2,"boot":"b","network":"n","id":"x","ifname":"eth0"}""");
        File.WriteAllText(Path.Combine(_path, "README"), "not looked at");
        var read = spool.Read();
        Assert.Equal(5, read.Count);
        Assert.Equal(s_entry, Assert.Single(read, item => item.Entry is not null).Entry);
    }

    [Fact]
    public void An_alive_file_speaks_for_a_minute_of_its_own_boot()
    {
        Directory.CreateDirectory(_path);
        var alive = Path.Combine(_path, "alive");
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        Assert.NotNull(AliveMark.AbsenceFault(alive, "b1", now));
        AliveMark.Touch(alive, "b1", now);
        Assert.Null(AliveMark.AbsenceFault(alive, "b1", now.AddSeconds(60)));
        Assert.Contains("61 s", AliveMark.AbsenceFault(alive, "b1", now.AddSeconds(61)), StringComparison.Ordinal);
        Assert.Contains("another boot", AliveMark.AbsenceFault(alive, "b2", now), StringComparison.Ordinal);
        AliveMark.Touch(alive, "b1", now.AddSeconds(30));
        Assert.Null(AliveMark.AbsenceFault(alive, "b1", now.AddSeconds(61)));
    }
}

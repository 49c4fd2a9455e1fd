using Vnetcni.Lab.Processes;
using Xunit;

namespace Vnetcni.Lab.Tests.Processes;

public sealed class LabLockTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [Fact]
    public void A_second_lab_is_told_that_another_runs_and_may_start_when_that_has_ended()
    {
        using (var first = LabLock.TryTake(_path, out var silence))
        {
            Assert.NotNull(first);
            Assert.Empty(silence);
            Assert.Null(LabLock.TryTake(_path, out var refusal));
            Assert.Contains($"Another lab (demo or soak) runs on this machine and holds {_path}", refusal, StringComparison.Ordinal);
        }

        using var next = LabLock.TryTake(_path, out _);
        Assert.NotNull(next);
    }

    // A full disk or a missing folder is no other lab.
    [Fact]
    public void What_cannot_be_opened_is_not_taken_for_another_lab() =>
        Assert.Throws<DirectoryNotFoundException>(() => LabLock.TryTake(Path.Combine(_path, "none", "lock"), out _));

    // Programs that a lab starts, and leaves when it is killed, must not hold it.
    [Fact]
    public async Task Programs_that_a_lab_started_do_not_hold_it()
    {
        using var first = LabLock.TryTake(_path, out _);
        await using var left = Daemon.Start("sleep", _path + ".log", null, "/bin/sleep", ["30"]);
        first!.Dispose();
        using var next = LabLock.TryTake(_path, out var refusal);
        Assert.True(next is not null, refusal);
        Assert.False(left.HasExited);
    }

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(_path + ".log");
    }
}

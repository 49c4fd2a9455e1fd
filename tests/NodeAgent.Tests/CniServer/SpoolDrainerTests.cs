using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.AgentProtocol.Spool;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.CniServer;

public sealed class SpoolDrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-").FullName;
    private readonly DeletesOnly _core = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Records_of_this_boot_are_done_and_of_another_are_dropped()
    {
        Write("this", "mine");
        Write("other", "old");
        await Drainer().DrainAsync();
        Assert.Equal(["mine"], _core.Deleted);
        Assert.Empty(new SpoolFolder(_folder).Read());
    }

    [Fact]
    public async Task One_that_fails_stays_and_does_not_stop_the_others()
    {
        Write("this", "bad");
        Write("this", "good");
        _core.Failing = "bad";
        await Drainer().DrainAsync();
        Assert.True(new SpoolFolder(_folder).Has("n", "bad", "eth0"));
        Assert.Single(new SpoolFolder(_folder).Pending());
        _core.Failing = "";
        await Drainer().DrainAsync();
        Assert.Equal(["good", "bad"], _core.Deleted);
        Assert.Empty(new SpoolFolder(_folder).Read());
    }

    [Fact]
    public async Task A_torn_record_is_put_aside_once()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "x.del"), "{", TestContext.Current.CancellationToken);
        await Drainer().DrainAsync();
        Assert.Empty(new SpoolFolder(_folder).Read());
        Assert.True(File.Exists(Path.Combine(_folder, "x.del.unreadable")));
    }

    [Fact]
    public async Task What_can_not_be_opened_is_left_and_does_not_stop_the_others()
    {
        var obstacle = Path.Combine(_folder, "0.del");
        File.CreateSymbolicLink(obstacle, Path.Combine(_folder, "nowhere"));
        Write("this", "a");
        await Drainer().DrainAsync();
        Assert.Equal(["a"], _core.Deleted);
        Assert.NotNull(new FileInfo(obstacle + SpoolFolder.TakenExtension).LinkTarget);
        await Drainer().DrainAsync();
        Assert.Equal(["a"], _core.Deleted);
    }

    [Fact]
    public async Task A_half_written_file_goes_when_its_writer_must_be_dead()
    {
        var file = Path.Combine(_folder, "x.del.7.tmp");
        await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(file, _time.GetUtcNow().UtcDateTime);
        await Drainer().DrainAsync();
        Assert.True(File.Exists(file));
        _time.Advance(TimeSpan.FromSeconds(61));
        await Drainer().DrainAsync();
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task An_owners_own_record_is_done_alone()
    {
        Write("this", "a");
        Write("this", "b");
        await Drainer().DrainAsync(new Owner("n", "a", "eth0"));
        Assert.Equal(["a"], _core.Deleted);
        Assert.Equal("b", Assert.Single(new SpoolFolder(_folder).Read()).Entry!.ContainerId);
    }

    [Fact]
    public async Task A_record_that_an_ADD_has_done_meanwhile_is_not_done_again()
    {
        Write("this", "a");
        Write("this", "b");
        var drainer = Drainer();
        Task? add = null;
        // While the first of the two is done, an ADD of the second's owner comes.
        _core.OnDelete = id =>
        {
            _core.OnDelete = null;
            add = drainer.DrainAsync(new Owner("n", id == "a" ? "b" : "a", "eth0"));
        };
        await drainer.DrainAsync();
        await add!;
        Assert.Equal(["a", "b"], _core.Deleted.Order(StringComparer.Ordinal));
        Assert.Empty(new SpoolFolder(_folder).Read());
    }

    [Fact]
    public async Task A_DEL_recorded_while_an_older_one_of_its_owner_is_done_is_not_lost()
    {
        Write("this", "a");
        _core.OnDelete = _ =>
        {
            _core.OnDelete = null;
            // Meanwhile an ADD of the same owner succeeded, and its DEL met a stuck agent.
            Write("this", "a");
        };
        await Drainer().DrainAsync();
        Assert.Equal("a", Assert.Single(new SpoolFolder(_folder).Read()).Entry!.ContainerId);
        await Drainer().DrainAsync();
        Assert.Equal(["a", "a"], _core.Deleted);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_record_taken_by_an_agent_that_was_killed_is_done_by_the_next_one()
    {
        Write("this", "a");
        Assert.True(SpoolFolder.TryTake(new SpoolFolder(_folder).FileOf("n", "a", "eth0"), out _, out _));
        await Drainer().DrainAsync();
        Assert.Equal(["a"], _core.Deleted);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task An_ADD_waits_for_the_record_of_its_owner_that_is_being_done()
    {
        Write("this", "a");
        var drainer = Drainer();
        _core.Gate = new TaskCompletionSource();
        var round = drainer.DrainAsync();
        var add = drainer.DrainAsync(new Owner("n", "a", "eth0"));
        Assert.False(add.IsCompleted);
        _core.Gate.SetResult();
        await round;
        await add;
        Assert.Equal(["a"], _core.Deleted);
    }

    private SpoolDrainer Drainer() => new(new SpoolFolder(_folder), "this", _core, _time, NullLogger.Instance);

    private void Write(string boot, string id) => new SpoolFolder(_folder).Write(new SpoolEntry(boot, "n", id, "eth0", _time.GetUtcNow()));

    private sealed class DeletesOnly : IAttachments
    {
        public List<string> Deleted { get; } = [];

        public Action<string>? OnDelete { get; set; }

        public string Failing { get; set; } = "";

        public TaskCompletionSource? Gate { get; set; }

        public async Task DeleteAsync(Owner owner, CancellationToken cancellationToken)
        {
            if (owner.ContainerId == Failing)
                throw new InvalidOperationException("no");
            if (Gate is not null)
                await Gate.Task;
            Deleted.Add(owner.ContainerId);
            OnDelete?.Invoke(owner.ContainerId);
        }

        public Task UndoAsync(Owner owner, long attachment) => DeleteAsync(owner, CancellationToken.None);

        public Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone) => throw new NotSupportedException();

        public Task CheckAsync(CheckCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task StatusAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

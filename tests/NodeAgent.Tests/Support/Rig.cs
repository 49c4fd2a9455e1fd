using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>A node: its kernel and its run folder outlive the agents that are started on it.</summary>
internal sealed class Rig : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-rig-").FullName;
    private CancellationTokenSource _stop = new();
    private FileLedgerStore? _file;
    private Task _run = Task.CompletedTask;

    public SettableClock Time { get; } = new();

    public FaultPoints Faults { get; } = new();

    public FakeKernel Kernel { get; } = new();

    public TestPool Pool { get; set; } = new();

    public FakeSandboxes Sandboxes { get; } = new();

    public string BootId { get; set; } = "boot-1";

    public FakeNetwork Network { get; private set; } = null!;

    public FaultyStore Store { get; private set; } = null!;

    public Agent Agent { get; private set; } = null!;

    public IAttachments Cni => Agent.Attachments;

    public string CheckpointFile => Path.Combine(_folder, "ledger");

    public static Owner Pod(int n) => new("net", $"c{n}", "eth0");

    public static void Test(Func<Rig, Task> test)
    {
        using var rig = new Rig();
        SingleThread.Run(rig.Time, async () =>
        {
            await test(rig);
            await rig.StopAsync();
        });
    }

    public Task StartAsync() => StartDyingAsync(null);

    /// <summary>Starts an agent that is killed at that half step of its start, if it comes so far.</summary>
    public async Task StartDyingAsync(int? dieAt)
    {
        Faults.Revive();
        Faults.DieAt = dieAt;
        _stop = new CancellationTokenSource();
        Network = new FakeNetwork(Kernel, Faults);
        _file = new FileLedgerStore(CheckpointFile, BootId);
        Store = new FaultyStore(_file, Faults);
        var settings = new AgentSettings { NodeName = "node-1", BootId = BootId };
        Agent = Agent.For(settings, Pool, Network, Store, Time, NullLoggerFactory.Instance, sandboxes: Sandboxes);
        _run = Agent.RunAsync(_stop.Token);
        await Agent.Started;
        await WaitAsync(TimeSpan.FromMilliseconds(100));
    }

    public async Task StopAsync()
    {
        _stop.Cancel();
        try
        {
            await _run;
        }
        catch (CrashException)
        {
            Assert.True(Faults.Dead);
        }

        _file?.Dispose();
        Agent?.Dispose();
        _stop.Dispose();
        _run = Task.CompletedTask;
        _stop = new CancellationTokenSource();
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async Task WaitAsync(TimeSpan time) => await Task.Delay(time, Time);

    public Task<AddOutcome> AddAsync(int pod, CancellationToken callerGone = default) =>
        Cni.AddAsync(new AddCommand(Pod(pod), new FakeNamespace((ulong)(1000 + pod)), $"default/p{pod}", 0), callerGone);

    /// <summary>The same as another plug-in's IPAM.</summary>
    public Task<AddOutcome> DelegateAsync(int pod, ulong inode = 0) =>
        Cni.AddAsync(new AddCommand(Pod(pod), new FakeNamespace(inode > 0 ? inode : (ulong)(1000 + pod)), $"default/p{pod}", 0) { Delegated = true }, CancellationToken.None);

    public Task DeleteAsync(int pod) => Cni.DeleteAsync(Pod(pod), CancellationToken.None);

    public static async Task<CniException> FailsAsync(Task task) => await Assert.ThrowsAsync<CniException>(() => task);

    /// <summary>Every address is free and rested, the kernel has nothing of ours, the checkpoint holds nothing.</summary>
    public async Task AssertNothingLeaksAsync()
    {
        await WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Empty(Kernel.Links);
        Assert.All(Agent.Records, record => Assert.Equal(AddressState.Free, record.State));
        Assert.Equal(Pool.Addresses.Select(n => TestPool.Ip(n)), Agent.Records.Select(record => record.Address));
        Assert.Equal(Pool.Addresses.Select(n => TestPool.Ip(n).ToString()).Order(StringComparer.Ordinal), Kernel.HeldRoutes);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _file?.Dispose();
        Agent?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

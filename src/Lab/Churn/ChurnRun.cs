using System.Globalization;
using Vnetcni.Lab.Bench.Running;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;
using Vnetcni.Lab.Soak.Ending;
using Vnetcni.Lab.Soak.Plan;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Churn;

/// <summary>
/// One node, one agent, workers at full speed. At first the agent is killed again and again; then one process lives on and its
/// memory is watched. At the end all addresses must be there, and the kernel must be as before.
/// </summary>
internal sealed class ChurnRun(ChurnOptions options, Action<string> tell) : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Progress = TimeSpan.FromSeconds(15);
    private readonly List<MemorySample> _memory = [];
    private readonly List<ChurnWorker> _workers = [];
    private Daemon? _agent;

    /// <summary>Books and figures.</summary>
    public ChurnState State { get; } = new(options, Path.Combine(options.Folder, "node", "agent.sock"));

    /// <summary>The agent's memory in the part without kills.</summary>
    public Flatness Memory => new(_memory);

    /// <summary>How often it was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>How long pods came and went.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>Plays it to its end or to the first violation.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await TidyAsync();
        Directory.CreateDirectory(options.Folder);
        var node = await BenchNode.CreateAsync(options.Folder, "node", cancellationToken);
        var before = await KernelReader.ReadAsync(node.Space, cancellationToken);
        _agent = await BenchAgent.StartAsync(options.Agent, node, "10.224.1", ChurnOptions.Addresses, cancellationToken);
        for (var i = 0; i < options.Workers; i++)
            _workers.Add(new ChurnWorker(State, i));
        var threads = _workers.Select(worker => new Thread(worker.Run) { IsBackground = true, Name = "churn" }).ToArray();
        var start = State.Now;
        Array.ForEach(threads, thread => thread.Start());
        try
        {
            await DisturbAsync(node, cancellationToken);
        }
        finally
        {
            State.End();
            // They end within a DEL's patience.
            Array.ForEach(threads, thread => thread.Join());
            Took = State.Now - start;
        }

        if (State.Violation is null)
            await EndAsync(node, before, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _workers.ForEach(worker => worker.Dispose());
        if (_agent is not null)
            await _agent.DisposeAsync();
        await TidyAsync();
        State.Dispose();
    }

    private async Task DisturbAsync(BenchNode node, CancellationToken cancellationToken)
    {
        var random = SoakRandom.For(options.Seed, -1);
        var kill = State.Now + random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
        var told = State.Now;
        while (State.Progress < 1 && !State.Ending)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            if (State.Progress < ChurnOptions.KillShare && State.Now >= kill)
            {
                await KillAsync(node, cancellationToken);
                kill = State.Now + random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
            }
            else if (State.Progress >= ChurnOptions.KillShare)
            {
                TakeMemory();
            }

            if (State.Now - told < Progress)
                continue;
            told = State.Now;
            tell(string.Create(CultureInfo.InvariantCulture, $"{State.Pods} pods, {State.Truth.Live} live, {Kills} kills; {Memory}"));
        }
    }

    private async Task KillAsync(BenchNode node, CancellationToken cancellationToken)
    {
        await _agent!.KillAsync();
        await _agent.DisposeAsync();
        Kills++;
        _agent = await BenchAgent.StartAsync(options.Agent, node, cancellationToken);
    }

    private void TakeMemory()
    {
        if (_agent!.HasExited)
        {
            State.Report(new SoakViolation("the agent lives", $"it ended by itself:\n{_agent.Tail()}"));
            return;
        }

        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{_agent.Id}/fd");
        _memory.Add(new MemorySample(State.Pods, ProcessMemory.Of(_agent.Id).AnonymousKiB, Directory.EnumerateFileSystemEntries(folder).Count()));
    }

    // No address may be lost: as many pods as addresses start. Nor anything in the kernel.
    private async Task EndAsync(BenchNode node, NodeKernel before, CancellationToken cancellationToken)
    {
        if (Memory.Breach() is { } grown)
            State.Report(new SoakViolation("the agent's memory and descriptors stay flat", grown));
        var started = 0;
        foreach (var worker in _workers)
            started += worker.Fill(ChurnOptions.Addresses - started);
        if (started != ChurnOptions.Addresses)
            State.Report(new SoakViolation("no address is lost", $"{started} pods of {ChurnOptions.Addresses} got one at the end"));
        _workers.ForEach(worker => worker.Empty());

        string[] held = [.. Enumerable.Range(1, ChurnOptions.Addresses).Select(i => string.Create(CultureInfo.InvariantCulture, $"10.224.1.{i}"))];
        var end = State.Now;
        IReadOnlyList<string> left;
        do
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            left = (await KernelReader.ReadAsync(node.Space, cancellationToken)).LeftBehind(before, held);
        }
        while (left.Count > 0 && State.Now - end < EndPatience);
        if (left.Count > 0)
            State.Report(new SoakViolation("nothing is left in the kernel", string.Join('\n', left.Take(20))));
    }

    private async Task TidyAsync()
    {
        await LeftOverProcesses.EndAsync(options.Folder, CancellationToken.None);
        await NetworkNamespace.RemoveAllAsync(BenchNode.PrefixOf(options.Folder), CancellationToken.None);
        if (Directory.Exists(options.Folder))
            Directory.Delete(options.Folder, recursive: true);
    }
}

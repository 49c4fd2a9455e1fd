using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Leaks;
using Vnetcni.NodeAgent.Pool;
using Vnetcni.NodeAgent.Pool.File;
using Vnetcni.NodeAgent.Pool.Kubernetes;
using Vnetcni.NodeAgent.Reporting;
using Vnetcni.NodeAgent.Snat;

namespace Vnetcni.NodeAgent;

/// <summary>
/// The agent of one node without its process: everything it does goes through the interfaces it is given and their clock, so
/// that a simulation runs it on one thread.
/// </summary>
public sealed partial class Agent : IDisposable
{
    private readonly AgentSettings _settings;
    private readonly AgentSeams _seams;
    private readonly IPoolSource _source;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly NodeReport _report;
    private readonly TaskCompletionSource _started = new();
    private readonly EgressKeeper? _egress;
    private AddressBook? _book;
    private NodePool? _pool;
    private ModeKeeper? _mode;
    private Attachments? _attachments;

    private Agent(AgentSettings settings, AgentSeams seams, IPoolSource source, AgentMetrics metrics, NodeReport report)
    {
        if (settings.VethPrefix.Length is 0 or > 7)
            throw new ArgumentException($"veth prefix '{settings.VethPrefix}' has to have 1 to 7 letters", nameof(settings));
        (_settings, _seams, _source, _metrics, _report) = (settings, seams, source, metrics, report);
        _logger = seams.Loggers.CreateLogger("Vnetcni.NodeAgent");
        _egress = seams.Egress is null ? null : new EgressKeeper(seams.Egress, seams.Time, _logger);
    }

    /// <summary>The CNI verbs; throws <see cref="InvalidOperationException"/> before <see cref="Started"/>.</summary>
    public IAttachments Attachments => _attachments ?? throw new InvalidOperationException("the agent has not started yet");

    /// <summary>Completes when the ledger stands and what a previous process left is undone.</summary>
    public Task Started => _started.Task;

    /// <summary>Why ADD can't be served on this boot yet; null once it could.</summary>
    public string? NotServing => _pool is { } pool ? pool.NotServing : "the ledger is being rebuilt";

    /// <summary>The MTU that the pool asks for, in bytes; 0 = as the NIC.</summary>
    public int Mtu => _pool?.Mtu ?? 0;

    /// <summary>For people: which container runtime is asked, and how it answers.</summary>
    public string Sandboxes => _seams.Sandboxes.State;

    /// <summary>False once <see cref="RunAsync"/> has ended.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>The ledger's records now; empty before <see cref="Started"/>.</summary>
    public IReadOnlyList<LedgerRecord> Records => _book?.Records() ?? [];

    /// <summary>
    /// An agent whose pool is its NodeIpPool. Without <paramref name="egress"/> it keeps no egress rules, without
    /// <paramref name="sandboxes"/> it asks no container runtime.
    /// </summary>
    public static Agent ForKubernetes(
        AgentSettings settings, IKubeApi api, INodeNetwork network, ILedgerStore store, TimeProvider time, Jitter jitter, ILoggerFactory loggers,
        IPodEgress? egress = null, ISandboxes? sandboxes = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var metrics = new AgentMetrics();
        var events = new EventRecorder(api, new EventRecorderOptions { Component = "vnetcni-agent", Instance = settings.NodeName }, time);
        var report = new NodeReport(metrics, events, loggers.CreateLogger("Vnetcni.NodeAgent"));
        var source = new KubernetesPoolSource(settings, api, time, jitter, loggers.CreateLogger("Vnetcni.NodeAgent.Pool"), report);
        var seams = new AgentSeams(network, store, time, jitter, loggers, egress, sandboxes ?? new NoSandboxes(), events);
        return new Agent(settings, seams, source, metrics, report);
    }

    /// <summary>An agent whose pool is a file. For the rest see <see cref="ForKubernetes"/>.</summary>
    public static Agent ForFile(
        AgentSettings settings, string poolFile, INodeNetwork network, ILedgerStore store, TimeProvider time, ILoggerFactory loggers,
        IPodEgress? egress = null, ISandboxes? sandboxes = null)
    {
        var source = new FilePoolSource(poolFile, time, loggers.CreateLogger("Vnetcni.NodeAgent.Pool"));
        return For(settings, source, network, store, time, loggers, egress, sandboxes);
    }

    internal static Agent For(
        AgentSettings settings, IPoolSource source, INodeNetwork network, ILedgerStore store, TimeProvider time, ILoggerFactory loggers,
        IPodEgress? egress = null, ISandboxes? sandboxes = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var metrics = new AgentMetrics();
        var report = new NodeReport(metrics, null, loggers.CreateLogger("Vnetcni.NodeAgent"));
        var seams = new AgentSeams(network, store, time, new Jitter(0), loggers, egress, sandboxes ?? new NoSandboxes(), null);
        return new Agent(settings, seams, source, metrics, report);
    }

    /// <summary>
    /// Rebuilds the ledger, undoes what was cut short, then serves until cancelled. Nothing is removed at the end. To be called
    /// once. Throws what can't be gone on without: <see cref="IOException"/>, <see cref="DataplaneException"/>.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reaper = await StartAsync(cancellationToken);
            await ServeAsync(reaper, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Stopped(_logger);
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
            throw;
        }
        finally
        {
            IsRunning = false;
            _started.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.Dispose();
        _egress?.Dispose();
    }

    private async Task<Reaper> StartAsync(CancellationToken cancellationToken)
    {
        var (network, store, time) = (_seams.Network, _seams.Store, _seams.Time);
        var image = store.Load();
        if (image.Finding.Length > 0)
            Checkpoint(_logger, image.Finding);
        var links = (await network.ListAsync(cancellationToken)).Select(LinkAlias.AsLink).ToArray();
        var sandboxes = await _seams.Sandboxes.AskAsync(cancellationToken);
        var fenced = image.Valid && image.Meta.Fenced;
        var policy = new LedgerPolicy { ReuseCooldown = image.Meta.ReuseCooldown };
        var records = image.Records.Where(record => ServedFamily.Has(record.Address)).ToArray();
        if (records.Length < image.Records.Count)
            Found(_logger, $"{image.Records.Count - records.Length} IPv6 addresses of the checkpoint are left out: a later version gave them, this one serves IPv4");
        var recovery = LedgerRecovery.Recover(records, fenced, links, policy, time.GetUtcNow(), sandboxes);
        foreach (var finding in recovery.Findings)
            Found(_logger, finding);
        var meta = image.Meta with { Fenced = fenced };
        store.Replace([.. recovery.Ledger.Entries.Where(entry => entry.IsDurable).Select(entry => entry.ToRecord())], meta);
        foreach (var entry in recovery.Ledger.Entries.Where(entry => entry.State == AddressState.Quarantined && !image.IsQuarantined(entry.Address)))
            _report.Quarantined(entry.Address, entry.Reason);

        _book = new AddressBook(recovery.Ledger, store, meta, _settings, time, _logger);
        _metrics.Observe(_book, store);
        _mode = new ModeKeeper(network, time, _logger);
        _pool = new NodePool(_book, network, _settings, time) { Egress = _egress, Mode = _mode };
        _attachments = new Attachments(_book, network, _settings, _pool, _seams.Sandboxes, _metrics, time, _logger);
        await _pool.PrepareAsync(cancellationToken);
        foreach (var stray in recovery.Strays)
        {
            Found(_logger, $"the link {stray.HostInterface} belongs to nobody and is removed");
            // Where somebody stands for it by its name, it is detached already and the sweep is all that it lacks.
            if (!_book.Loosen(stray.HostInterface, stray.Address, stray.Owner))
                _book.SweepAgain();
        }

        var reaper = new Reaper(_book, network, _settings, _metrics, time, _logger);
        await reaper.RoundAsync(cancellationToken);
        var count = _book.Count();
        Ready(_logger, links.Length, count.InUse, count.Quarantined);
        _started.TrySetResult();
        return reaper;
    }

    // One loop that ends takes the others down: a process that does half its work is worse than one that starts anew.
    private async Task ServeAsync(Reaper reaper, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var leaks = new LeakWatch(
            _book!, _seams.Network, _attachments!, _seams.Sandboxes, _settings, _report, _metrics, _seams.Time, _seams.Jitter, _logger);
        List<Task> loops = [reaper.RunAsync(stop.Token), _source.RunAsync(_pool!, stop.Token), leaks.RunAsync(stop.Token), _mode!.RunAsync(stop.Token)];
        if (_egress is not null)
            loops.Add(_egress.RunAsync(stop.Token));
        if (_seams.Events is not null)
            loops.Add(_seams.Events.RunAsync(stop.Token));
        try
        {
            await Task.WhenAny(loops);
            stop.Cancel();
            await Task.WhenAll(loops);
        }
        finally
        {
            _book!.Close();
        }
    }
}

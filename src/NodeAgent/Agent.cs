using System.Net;
using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Pool;
using Vnetcni.NodeAgent.Pool.File;
using Vnetcni.NodeAgent.Pool.Kubernetes;

namespace Vnetcni.NodeAgent;

/// <summary>
/// The agent of one node without its process: everything it does goes through the interfaces it is given and their clock, so
/// that a simulation runs it on one thread.
/// </summary>
public sealed partial class Agent : IDisposable
{
    private readonly AgentSettings _settings;
    private readonly INodeNetwork _network;
    private readonly ILedgerStore _store;
    private readonly IPoolSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics = new();
    private readonly TaskCompletionSource _started = new();
    private AddressBook? _book;
    private NodePool? _pool;
    private Attachments? _attachments;

    private Agent(
        AgentSettings settings, INodeNetwork network, ILedgerStore store, IPoolSource source, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.VethPrefix.Length is 0 or > 7)
            throw new ArgumentException($"veth prefix '{settings.VethPrefix}' has to have 1 to 7 letters", nameof(settings));
        (_settings, _network, _store, _source, _time, _logger) = (settings, network, store, source, time, logger);
    }

    /// <summary>The CNI verbs; throws <see cref="InvalidOperationException"/> before <see cref="Started"/>.</summary>
    public IAttachments Attachments => _attachments ?? throw new InvalidOperationException("the agent has not started yet");

    /// <summary>Completes when the ledger stands and what a previous process left is undone.</summary>
    public Task Started => _started.Task;

    /// <summary>Why ADD can't be served on this boot yet; null once it could.</summary>
    public string? NotServing => _pool is { } pool ? pool.NotServing : "the ledger is being rebuilt";

    /// <summary>False once <see cref="RunAsync"/> has ended.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>The ledger's records now; empty before <see cref="Started"/>.</summary>
    public IReadOnlyList<LedgerRecord> Records => _book?.Records() ?? [];

    /// <summary>An agent whose pool is its NodeIpPool.</summary>
    public static Agent ForKubernetes(
        AgentSettings settings, IKubeApi api, INodeNetwork network, ILedgerStore store, TimeProvider time, Jitter jitter, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var source = new KubernetesPoolSource(settings, api, time, jitter, loggers.CreateLogger("Vnetcni.NodeAgent.Pool"));
        return new Agent(settings, network, store, source, time, loggers.CreateLogger("Vnetcni.NodeAgent"));
    }

    /// <summary>An agent whose pool is a file.</summary>
    public static Agent ForFile(
        AgentSettings settings, string poolFile, INodeNetwork network, ILedgerStore store, TimeProvider time, ILoggerFactory loggers)
    {
        var source = new FilePoolSource(poolFile, time, loggers.CreateLogger("Vnetcni.NodeAgent.Pool"));
        return new Agent(settings, network, store, source, time, loggers.CreateLogger("Vnetcni.NodeAgent"));
    }

    internal static Agent For(
        AgentSettings settings, IPoolSource source, INodeNetwork network, ILedgerStore store, TimeProvider time, ILoggerFactory loggers) =>
        new(settings, network, store, source, time, loggers.CreateLogger("Vnetcni.NodeAgent"));

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
    public void Dispose() => _metrics.Dispose();

    private async Task<Reaper> StartAsync(CancellationToken cancellationToken)
    {
        var image = _store.Load();
        if (image.Finding.Length > 0)
            Checkpoint(_logger, image.Finding);
        var links = (await _network.ListAsync(cancellationToken)).Select(AsLink).ToArray();
        var fenced = image.Valid && image.Meta.Fenced;
        var recovery = LedgerRecovery.Recover(image.Records, fenced, links, new LedgerPolicy(), _time.GetUtcNow());
        foreach (var finding in recovery.Findings)
            Found(_logger, finding);
        var meta = image.Meta with { Fenced = fenced };
        _store.Replace([.. recovery.Ledger.Entries.Where(entry => entry.IsDurable).Select(entry => entry.ToRecord())], meta);

        _book = new AddressBook(recovery.Ledger, _store, meta, _settings, _time, _logger);
        _metrics.Observe(_book);
        _pool = new NodePool(_book, _network, _settings, _time);
        _attachments = new Attachments(_book, _network, _settings, _pool, _metrics, _time, _logger);
        await _pool.PrepareAsync([], cancellationToken);
        foreach (var stray in recovery.Strays)
        {
            Found(_logger, $"the link {stray.HostInterface} belongs to nobody and is removed");
            await _network.DetachAsync(stray.HostInterface, IPAddress.Any, cancellationToken);
            _book.SweepAgain();
        }

        var reaper = new Reaper(_book, _network, _settings, _metrics, _time, _logger);
        await reaper.RoundAsync(cancellationToken);
        var count = _book.Count();
        Ready(_logger, links.Length, count.InUse, count.Quarantined);
        _started.TrySetResult();
        return reaper;
    }

    // One loop that ends takes the other down: a process that does half its work is worse than one that starts anew.
    private async Task ServeAsync(Reaper reaper, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] loops = [reaper.RunAsync(stop.Token), _source.RunAsync(_pool!, stop.Token)];
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

    private static KernelLink AsLink(HostInterface link) => new(
        LinkAlias.Parse(link.Alias), link.Name, link.Address is null ? default : IpAddress.From(link.Address), link.Detached);
}

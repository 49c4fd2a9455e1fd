using System.Globalization;
using System.Text.Json;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Demand;
using Vnetcni.NodeAgent.Reporting;

namespace Vnetcni.NodeAgent.Pool.Kubernetes;

/// <summary>
/// The node's own NodeIpPool and the pods bound to the node. One loop: take in the newest version, plan, write when it is worth
/// it, take in the answer. While the API server is away the last version seen stays in effect.
/// </summary>
internal sealed partial class KubernetesPoolSource : IPoolSource
{
    private static readonly Backoff Retry = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly AgentSettings _settings;
    private readonly IKubeApi _api;
    private readonly TimeProvider _time;
    private readonly Jitter _jitter;
    private readonly ILogger _logger;
    private readonly KubeKind<NodeIpPool> _kind;
    private readonly WatchCache<NodeIpPool> _pools;
    private readonly WatchCache<V1Pod> _pods;
    private readonly PoolReader _reader;
    private readonly UsageWriter _writer;
    private readonly NodeReport _report;
    private NodeIpPool? _current;
    private string? _published;
    private bool _readAgain = true;

    public KubernetesPoolSource(AgentSettings settings, IKubeApi api, TimeProvider time, Jitter jitter, ILogger logger, NodeReport report)
    {
        _report = report;
        (_settings, _api, _time, _jitter, _logger) = (settings, api, time, jitter, logger);
        var kind = ApiKinds.NodeIpPool;
        _kind = new KubeKind<NodeIpPool>(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.Namespaced, kind.Read, kind.Write);
        _pools = new WatchCache<NodeIpPool>(
            api, _kind, time, jitter, new WatchCacheOptions<NodeIpPool> { FieldSelector = $"metadata.name={settings.NodeName}" });
        _pods = new WatchCache<V1Pod>(
            api, KubeKinds.Pods, time, jitter, new WatchCacheOptions<V1Pod> { FieldSelector = $"spec.nodeName={settings.NodeName}", Trim = PodDemand.Trim });
        _reader = new PoolReader(settings);
        _writer = new UsageWriter(settings, api, _kind, time, jitter);
    }

    /// <inheritdoc/>
    public async Task RunAsync(NodePool pool, CancellationToken cancellationToken)
    {
        _pools.Subscribe(_ => pool.Changed.Set());
        _pods.Subscribe(_ => pool.Changed.Set());
        // A watch that ends takes the others down: what it would have shown is never seen.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] watches = [_pools.RunAsync(stop.Token), _pods.RunAsync(stop.Token)];
        Task[] others = [SyncedAsync(pool, stop.Token), FollowAsync(pool, stop.Token)];
        await Task.WhenAny([.. watches, others[1]]);
        stop.Cancel();
        await Task.WhenAll([.. watches, .. others]);
    }

    // A node without pods has no event that says so.
    private async Task SyncedAsync(NodePool pool, CancellationToken cancellationToken)
    {
        await _pods.WaitForSyncAsync(cancellationToken);
        pool.Changed.Set();
    }

    private async Task FollowAsync(NodePool pool, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            TimeSpan wait;
            try
            {
                wait = await RoundAsync(pool, cancellationToken);
                failures = 0;
            }
            catch (Exception e) when (IsTransient(e, cancellationToken))
            {
                // Whatever was written or not: the next decision is made on what the server says now.
                _readAgain = true;
                failures++;
                var conflict = e is KubeApiException { IsConflict: true };
                wait = conflict && failures <= 3 ? TimeSpan.Zero : _jitter.Lengthen(Retry.After(failures), 0.5);
                if (e is KubeApiException { RetryAfter: { } asked } && asked > wait)
                    wait = asked;
                if (!conflict)
                    RoundFailed(_logger, e.InnerException is { } cause ? $"{e.Message} {cause.Message}" : e.Message, wait);
            }

            if (failures > 0)
                await Task.Delay(wait, _time, cancellationToken);
            else
                await pool.Changed.WaitAsync(wait, cancellationToken);
        }
    }

    private static bool IsTransient(Exception e, CancellationToken cancellationToken) =>
        e is KubeApiException or HttpRequestException or IOException or InvalidDataException or JsonException or DataplaneException or CniException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    // Returns how long nothing has to be done unless something changes.
    private async Task<TimeSpan> RoundAsync(NodePool pool, CancellationToken cancellationToken)
    {
        while (true)
        {
            await ReadAsync(cancellationToken);
            await PublishAsync(pool, cancellationToken);
            if (_current is null || !_pods.HasSynced)
                return Longest;
            var report = await pool.PlanAsync(PodDemand.Count(_pods.Snapshot.Objects), mayRelease: true, cancellationToken);
            if (!_writer.IsDue(_current, report, pool))
                return Next(pool);
            _current = await _writer.WriteAsync(_current, report, pool, cancellationToken);
            if (!_writer.IsOwn(_current))
                throw new InvalidDataException("the API server does not keep what the agent reports: its CustomResourceDefinition of nodeippools is of another version");
            Reported(_logger, report.Desired, report.InUse, report.Free, report.Waiting, report.Releasable.Count);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var cached = _pools.Get(new ObjectKey(_settings.NodeName));
        // The first read, and every one after a write that may or may not have happened, is consistent.
        if (_readAgain || (_pools.HasSynced && !IsCovered(cached)))
        {
            _current = await _api.GetAsync(_kind, new ObjectKey(_settings.NodeName), cancellationToken);
            _readAgain = false;
        }
        else if (cached is not null && IsNewer(cached))
        {
            _current = cached;
        }
    }

    // Gone, made anew, or versions that can't be compared: only the server knows which is the present one.
    private bool IsCovered(NodeIpPool? cached)
    {
        if (cached is null || _current is null)
            return cached is null && _current is null;
        return cached.Metadata.Uid == _current.Metadata.Uid
            && (cached.Metadata.ResourceVersion == _current.Metadata.ResourceVersion
                || (Number(cached) is not null && Number(_current) is not null));
    }

    private bool IsNewer(NodeIpPool cached) => Number(cached) > Number(_current!);

    private static ulong? Number(NodeIpPool pool) =>
        ulong.TryParse(pool.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task PublishAsync(NodePool pool, CancellationToken cancellationToken)
    {
        var version = _current is null ? string.Empty : $"{_current.Metadata.Uid}/{_current.Metadata.ResourceVersion}";
        if (version == _published)
            return;
        var snapshot = _current is null ? _reader.Absent() : _reader.Read(_current, _writer.IsOwn(_current));
        await pool.PublishAsync(snapshot, cancellationToken);
        if (_current is not null)
            _report.About(_current);
        _published = version;
    }

    private TimeSpan Next(NodePool pool)
    {
        var wait = _writer.UntilWrite;
        if (pool.ReleaseDue - _time.GetUtcNow() is { } release && release < wait)
            wait = release;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    [LoggerMessage(EventId = 210, Level = LogLevel.Warning, Message = "The pool was not followed: {Error}. It is tried again in {Wait}; the last version seen stays in effect")]
    private static partial void RoundFailed(ILogger logger, string error, TimeSpan wait);

    [LoggerMessage(EventId = 211, Level = LogLevel.Information, Message = "Usage reported: desired {Desired}, in use {InUse}, free {Free}, waiting {Waiting}, releasable {Releasable}")]
    private static partial void Reported(ILogger logger, int desired, int inUse, int free, int waiting, int releasable);
}

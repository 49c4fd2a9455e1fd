using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;
using Vnetcni.Api.Settings;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Snat;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Pool;

namespace Vnetcni.NodeAgent.Snat;

/// <summary>
/// Keeps the node's egress rules as the pool wants them: applies every new version before its addresses are handed out, and
/// mends what others break, at once for a few times and then once a second.
/// </summary>
internal sealed partial class EgressKeeper(IPodEgress egress, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Looked at that often though nobody told of a change.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Whoever changes rules changes several: one look for all.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(20);

    /// <summary>From then on repairs are this far apart.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>Repairs without a pause.</summary>
    public const int Burst = 10;

    private static readonly TimeSpan LogPace = TimeSpan.FromSeconds(10);

    private readonly AsyncSignal _changed = new(time);
    private readonly Meter _meter = new(AgentMetrics.MeterName);
    private Counter<long>? _repairs;
    private EgressRules? _wanted;
    private EgressRules? _applied;
    private double _allowance = Burst;
    private DateTimeOffset _allowedAt;
    private DateTimeOffset _loggedAt = DateTimeOffset.MinValue;
    private int _unlogged;

    /// <summary>
    /// Makes the rules those that the pool wants. Throws <see cref="DataplaneException"/>: then the addresses must not be
    /// handed out yet, and the same version is to be published again.
    /// </summary>
    public async Task PublishAsync(PoolSnapshot pool, IReadOnlyCollection<IPAddress> held, CancellationToken cancellationToken)
    {
        var rules = EgressPlan.Of(pool, held, _wanted);
        var isNews = _applied is null || !EgressPlan.IsSame(rules with { Pods = [] }, _applied with { Pods = [] });
        _wanted = rules;
        if (_applied is not null && EgressPlan.IsSame(rules, _applied))
            return;
        _applied = null;
        await egress.ApplyAsync(rules, cancellationToken);
        _applied = rules;
        if (isNews)
            Tell(pool, rules);
    }

    /// <summary>Watches and mends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _repairs ??= _meter.CreateCounter<long>("vnetcni.agent.egress.repairs", "{repair}", "Times that the egress rules were not as applied and were applied again, by result.");
        egress.Listen(_changed.Set);
        var healthy = true;
        while (true)
        {
            await _changed.WaitAsync(healthy ? Interval : Pace, cancellationToken);
            await Task.Delay(Settle, time, cancellationToken);
            healthy = await RoundAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            var faults = await egress.CheckAsync(cancellationToken);
            if (faults.Count == 0 || _wanted is null)
                return true;
            await AllowanceAsync(cancellationToken);
            // The wanted of now: a new version may have come meanwhile.
            var wanted = _wanted;
            await egress.ApplyAsync(wanted, cancellationToken);
            _applied = ReferenceEquals(wanted, _wanted) ? wanted : _applied;
            _repairs?.Add(1, new KeyValuePair<string, object?>("result", "ok"));
            if (MayLog(out var unlogged))
                Repaired(logger, string.Join("; ", faults.Take(8)), unlogged);
            return true;
        }
        catch (DataplaneException e)
        {
            _repairs?.Add(1, new KeyValuePair<string, object?>("result", "error"));
            if (MayLog(out var unlogged))
                RepairFailed(logger, e.Message, unlogged);
            return false;
        }
    }

    private async Task AllowanceAsync(CancellationToken cancellationToken)
    {
        Refill();
        if (_allowance < 1)
        {
            await Task.Delay(Pace, time, cancellationToken);
            Refill();
        }

        _allowance = Math.Max(0, _allowance - 1);
    }

    private void Refill()
    {
        var now = time.GetUtcNow();
        if (_allowedAt != default)
            _allowance = Math.Min(Burst, _allowance + ((now - _allowedAt) / Pace));
        _allowedAt = now;
    }

    private bool MayLog(out int unlogged)
    {
        unlogged = _unlogged;
        var now = time.GetUtcNow();
        if (_loggedAt != DateTimeOffset.MinValue && now - _loggedAt < LogPace)
        {
            _unlogged++;
            return false;
        }

        (_loggedAt, _unlogged) = (now, 0);
        return true;
    }

    private void Tell(PoolSnapshot pool, EgressRules rules)
    {
        Applied(logger, rules.Translate, rules.Untranslated.Ranges.Count, rules.CloseMetadata);
        if (pool.Settings.SnatMode != SnatModes.Disabled && !rules.Translate)
            Unknown(logger);
        if (rules.Untranslated.RefusedCount > 0)
            Refused(logger, rules.Untranslated.RefusedCount, string.Join(", ", rules.Untranslated.Refused));
    }
}

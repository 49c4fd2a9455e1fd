using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Pool.Kubernetes;

/// <summary>
/// The agent's part of the status: when it is worth a write, and the write. Each carries the resourceVersion of the object that it
/// was computed from, and a revision that no other has: that is how an own write is known again when its answer was lost.
/// </summary>
internal sealed class UsageWriter(AgentSettings settings, IKubeApi api, KubeKind<NodeIpPool> kind, TimeProvider time, Jitter jitter)
{
    private readonly long _start = time.GetTimestamp();
    private NodeIpPoolUsage? _sent;

    // False: the server's definition of the pool is of before there was this field.
    private bool _namesMissing = true;

    // Times since the start, by a clock that nobody sets back: without signs of life the node would count as lost.
    private TimeSpan _heartbeat = TimeSpan.Zero;
    private TimeSpan? _written;
    private TimeSpan? _lazy;

    /// <summary>How long until a write is due though there is nothing to decide: the counts of <c>kubectl get</c>, or a sign of life.</summary>
    public TimeSpan UntilWrite => (_lazy < _heartbeat ? _lazy.Value : _heartbeat) - Now;

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Whether the object's usage is this process's latest write: nothing older of its own is in flight any more.</summary>
    public bool IsOwn(NodeIpPool pool) =>
        _sent is { } sent && pool.Status?.Usage is { } usage
        && usage.PoolUid == pool.Metadata.Uid && usage.PoolUid == sent.PoolUid && usage.BootId == sent.BootId
        && usage.Revision == sent.Revision && (usage.Releasable ?? []).SequenceEqual(sent.Releasable ?? [], StringComparer.Ordinal);

    /// <summary>Whether the report says something that the object does not.</summary>
    /// <param name="pool">The object.</param>
    /// <param name="report">The node as it is.</param>
    /// <param name="node">For minFree and the fence.</param>
    public bool IsDue(NodeIpPool pool, UsageReport report, NodePool node)
    {
        if (pool.Status?.Usage is not { } usage || usage.PoolUid != pool.Metadata.Uid || usage.BootId != settings.BootId)
            return true;
        // An own write is what the ledger waits for: the fence, or a withdrawal.
        if (!IsOwn(pool) && (!node.Fenced || _sent is not null))
            return true;
        var minFree = node.Settings.MinFree;
        return usage.Desired != report.Desired
            || !(usage.Releasable ?? []).SequenceEqual(Texts(report.Releasable), StringComparer.Ordinal)
            || !(usage.Missing ?? []).SequenceEqual(Missing(report), StringComparer.Ordinal)
            || (usage.Waiting ?? 0) == 0 != (report.Waiting == 0)
            || (usage.Free ?? 0) < minFree != (report.Free < minFree)
            || IsLazyDue(usage, report)
            || Now >= _heartbeat;
    }

    // Counts that nobody decides by, for people's eyes: late by the lazy time at most, and never two writes within it. The first
    // change after a quiet time waits for a random part of it, so that nodes that got their pods together do not write together.
    private bool IsLazyDue(NodeIpPoolUsage usage, UsageReport report)
    {
        var same = (usage.InUse ?? 0) == report.InUse && (usage.Free ?? 0) == report.Free
            && (usage.Cooling ?? 0) == report.Cooling && (usage.Waiting ?? 0) == report.Waiting;
        var now = Now;
        if (same)
        {
            // Not forgotten before its time: counts that swing about what was reported would put the write off for ever.
            _lazy = now < _lazy ? _lazy : null;
            return false;
        }

        if (_lazy is null)
        {
            var soon = now + jitter.Lengthen(settings.LazyReport / 3, 2);
            var next = _written + settings.LazyReport ?? now;
            _lazy = soon > next ? soon : next;
        }

        return now >= _lazy;
    }

    /// <summary>Writes; throws <see cref="KubeApiException"/> (409: read again, decide again) and what else the API throws.</summary>
    public async Task<NodeIpPool> WriteAsync(NodeIpPool pool, UsageReport report, NodePool node, CancellationToken cancellationToken)
    {
        var usage = new NodeIpPoolUsage
        {
            PoolUid = pool.Metadata.Uid,
            BootId = settings.BootId,
            Revision = node.NextRevision(pool.Status?.Usage?.Revision ?? 0),
            Desired = report.Desired,
            InUse = report.InUse,
            Free = report.Free,
            Cooling = report.Cooling,
            Waiting = report.Waiting,
            Releasable = Texts(report.Releasable),
            Missing = Missing(report) is { Length: > 0 } missing ? missing : null,
            ObservedAt = time.GetUtcNow(),
        };
        _sent = usage;
        var body = ApplyBodies.AgentUsage(ApplyTarget.Of(pool.Metadata), usage);
        var options = new KubePatchOptions(KubePatchType.Apply, FieldManagers.Agent, Force: true, Subresource: "status");
        // A write that does not land is due again by what it says, not by the clock.
        var now = Now;
        _written = now;
        _lazy = null;
        _heartbeat = now + jitter.Spread(settings.Heartbeat, 0.2);
        try
        {
            return await api.PatchAsync(kind, new ObjectKey(pool.Metadata.Name), body, options, cancellationToken);
        }
        catch (KubeApiException e) when (e.IsUndeclaredField && usage.Missing is not null)
        {
            // The rest is said without it.
            _namesMissing = false;
            throw;
        }
    }

    private string[] Missing(UsageReport report) => _namesMissing ? Texts(report.Missing) : [];

    private static string[] Texts(IReadOnlyList<IpAddress> addresses) => [.. addresses.Select(address => address.ToString())];
}

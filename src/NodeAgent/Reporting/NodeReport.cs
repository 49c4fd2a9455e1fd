using k8s.Models;
using Microsoft.Extensions.Logging;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Reporting;

/// <summary>
/// Tells people of what the agent had to do without being asked: in the log, in the metrics, and where there is an API server by
/// events on the node's NodeIpPool. What happens before the pool is known is told once it is.
/// </summary>
internal sealed partial class NodeReport(AgentMetrics metrics, IEventRecorder? events, ILogger logger)
{
    /// <summary>A node has at most 256 addresses; more news than that is no news.</summary>
    private const int MaxHeld = 256;

    private readonly Lock _gate = new();
    private readonly Queue<(string Reason, string Message)> _held = new();
    private NodeIpPool? _about;

    /// <summary>The pool that events are about from now on.</summary>
    public void About(NodeIpPool pool)
    {
        // Not the object itself: it is large, and a later version of it is as good.
        var about = new NodeIpPool { Metadata = new V1ObjectMeta { Name = pool.Metadata.Name, Uid = pool.Metadata.Uid } };
        (string Reason, string Message)[] held;
        lock (_gate)
        {
            _about = about;
            held = [.. _held];
            _held.Clear();
        }

        foreach (var (reason, message) in held)
            events?.Warning(about, reason, message);
    }

    /// <summary>An address was taken out of use.</summary>
    public void Quarantined(IpAddress address, string reason)
    {
        metrics.Quarantined();
        AddressQuarantined(logger, address, reason);
        Tell(EventReasons.AddressQuarantined, $"{address} is out of use until those who claim it are gone: {reason}. Deleting the pods named ends it");
    }

    /// <summary>Something was freed that nobody had asked to free.</summary>
    /// <param name="kind"><c>address</c> or <c>link</c>.</param>
    /// <param name="what">For people.</param>
    public void LeakRepaired(string kind, string what)
    {
        metrics.LeakRepaired(kind);
        Repaired(logger, what);
        Tell(EventReasons.LeakRepaired, what);
    }

    private void Tell(string reason, string message)
    {
        if (events is null)
            return;
        NodeIpPool? about;
        lock (_gate)
        {
            about = _about;
            if (about is null && _held.Count < MaxHeld)
                _held.Enqueue((reason, message));
        }

        if (about is not null)
            events.Warning(about, reason, message);
    }

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "{Address} is quarantined: {Reason}")]
    private static partial void AddressQuarantined(ILogger logger, IpAddress address, string reason);

    [LoggerMessage(EventId = 512, Level = LogLevel.Warning, Message = "A leak is put right: {Leak}")]
    private static partial void Repaired(ILogger logger, string leak);
}

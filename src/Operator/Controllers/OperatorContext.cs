using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Events;

namespace Vnetcni.Operator.Controllers;

/// <summary>What all controllers of one operator share.</summary>
internal sealed record OperatorContext(
    IKubeApi Api, TimeProvider Time, Jitter Jitter, OperatorSettings Settings, IEventRecorder Recorder)
{
    public required WatchCache<V1Node> Nodes { get; init; }

    public required WatchCache<NodeIpPool> Pools { get; init; }

    public required WatchCache<NodeIpPoolClass> Classes { get; init; }

    public required WatchCache<VirtualNetwork> VirtualNetworks { get; init; }

    public DateTimeOffset Now => Time.GetUtcNow();
}

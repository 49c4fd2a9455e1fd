using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Events;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>Events of the controller of nodes.</summary>
internal static class Events
{
    public static void PoolCreated(this IEventRecorder recorder, NodeIpPool pool, string className) =>
        recorder.Normal(pool, EventReasons.PoolCreated, $"made for node {pool.Metadata.Name} by class {className}");
}

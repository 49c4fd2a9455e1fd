using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.ControllerRuntime.Events;

namespace Vnetcni.Operator.Controllers.NodeIpPoolClasses;

/// <summary>Events about classes.</summary>
internal static class Events
{
    public static void Invalid(this IEventRecorder recorder, NodeIpPoolClass value, string message) =>
        recorder.Warning(value, Reasons.InvalidSpec, message);
}

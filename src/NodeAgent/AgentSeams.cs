using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Leaks;

namespace Vnetcni.NodeAgent;

/// <summary>What an agent works through: everything that is not itself.</summary>
/// <param name="Network">The kernel.</param>
/// <param name="Store">The checkpoint.</param>
/// <param name="Time">The clock.</param>
/// <param name="Jitter">All randomness.</param>
/// <param name="Loggers">Logs.</param>
/// <param name="Egress">Egress rules, or none.</param>
/// <param name="Sandboxes">The container runtime.</param>
/// <param name="Events">Kubernetes events, or none.</param>
internal sealed record AgentSeams(
    INodeNetwork Network, ILedgerStore Store, TimeProvider Time, Jitter Jitter, ILoggerFactory Loggers, IPodEgress? Egress, ISandboxes Sandboxes,
    EventRecorder? Events);

using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.Operator.Azure;
using Vnetcni.Simulation.Tests.World.Nodes;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>
/// What stands between the product's classes and the world, collaborator by collaborator. Normally nothing; a test that wants to see
/// the simulation fail puts something broken there.
/// </summary>
internal sealed record SimBuild
{
    /// <summary>The API server as an operator has it.</summary>
    public Func<IKubeApi, SimProcess, IKubeApi> OperatorKube { get; init; } = static (api, _) => api;

    /// <summary>The API server as an agent has it.</summary>
    public Func<IKubeApi, SimProcess, IKubeApi> AgentKube { get; init; } = static (api, _) => api;

    /// <summary>Azure as an operator has it.</summary>
    public Func<IArm, SimProcess, IArm> Arm { get; init; } = static (arm, _) => arm;

    /// <summary>Where an agent keeps its ledger.</summary>
    public Func<ILedgerStore, SimNode, ILedgerStore> Store { get; init; } = static (store, _) => store;

    /// <summary>The node's network.</summary>
    public Func<INodeNetwork, SimNode, INodeNetwork> Network { get; init; } = static (network, _) => network;

    /// <summary>An agent's clock.</summary>
    public Func<TimeProvider, TimeProvider> AgentTime { get; init; } = static time => time;
}

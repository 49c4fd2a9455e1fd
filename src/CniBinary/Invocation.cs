using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.CniBinary;

/// <summary>One call of a runtime, checked.</summary>
/// <param name="Environment">The CNI_* variables.</param>
/// <param name="Config">stdin as it came.</param>
/// <param name="Head">The fields of it that this process needs.</param>
/// <param name="Paths">Where the agent is.</param>
/// <param name="AllowOwnNetns">CNI_NETNS_OVERRIDE, as in libcni's skel.</param>
internal sealed record Invocation(
    CniEnvironment Environment,
    ReadOnlyMemory<byte> Config,
    NetworkConfigHead Head,
    AgentPaths Paths,
    bool AllowOwnNetns);

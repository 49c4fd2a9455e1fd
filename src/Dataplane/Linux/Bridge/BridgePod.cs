using System.Net.NetworkInformation;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>Where an address is on the bridge.</summary>
/// <param name="Port">ifindex of the host end.</param>
/// <param name="Mac">The pod's MAC.</param>
internal sealed record BridgePod(int Port, PhysicalAddress Mac);

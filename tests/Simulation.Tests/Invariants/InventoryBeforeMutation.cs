using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>
/// Invariant 7: an operator changes nothing before it has read, from the server and since it leads, all that there is. It is judged at
/// the server's end of its calls, whatever the operator believes.
/// </summary>
internal sealed class InventoryBeforeMutation(SimProcess process)
{
    public const int Number = 7;

    private static readonly string[] Needed = ["nodes", NodeIpPool.Plural, NodeIpPoolClass.Plural, VirtualNetwork.Plural];
    private readonly HashSet<string> listed = new(StringComparer.Ordinal);

    /// <summary>It leads from now on: what it read before does not count.</summary>
    public void Leads() => listed.Clear();

    /// <summary>The server gave the last page of a consistent list.</summary>
    public void Listed(string resource) => listed.Add(resource);

    /// <summary>The operator changes something. Null when it may.</summary>
    public string? Changes(string what)
    {
        var missing = Needed.Where(resource => !listed.Contains(resource)).ToArray();
        return missing.Length == 0 ? null : $"{InvariantException.Begin(Number)}{process.Name} does {what} before it has read {string.Join(", ", missing)}";
    }
}

using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Pool;

/// <summary>One version of the node's pool, from wherever it comes.</summary>
/// <param name="Publication">What the ledger takes in.</param>
/// <param name="Settings">The settings in effect.</param>
/// <param name="State">For people: the pool's condition and the next step.</param>
/// <param name="Present">False when there is no pool of this incarnation of the node: nothing can be served.</param>
internal sealed record PoolSnapshot(Publication Publication, EffectiveSettings Settings, string State, bool Present);

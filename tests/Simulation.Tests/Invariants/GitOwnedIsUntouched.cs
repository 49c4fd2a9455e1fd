using System.Text.Json.Nodes;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>
/// Invariant 8: a spec that a person (or Git) wrote is changed by nobody else: classes, virtual networks, pools that a person made or
/// edited.
/// </summary>
internal sealed class GitOwnedIsUntouched
{
    public const int Number = 8;

    private readonly SimTimeline timeline;
    private readonly HashSet<(string Resource, string Name)> owned = [];

    public GitOwnedIsUntouched(SimTimeline timeline, InMemoryKubeServer server)
    {
        this.timeline = timeline;
        server.Committed += OnCommitted;
    }

    /// <summary>The commits that come now are a person's.</summary>
    public bool PersonWrites { get; set; }

    private void OnCommitted(KubeChange change)
    {
        var key = (change.Resource, change.Key.Name);
        if (!change.Resource.Contains(".vnetcni.", StringComparison.Ordinal))
            return;
        if (change.After is null)
            owned.Remove(key);
        else if (JsonNode.DeepEquals(change.Before?["spec"], change.After["spec"]))
            return;
        else if (PersonWrites)
            owned.Add(key);
        else if (owned.Contains(key))
            timeline.Fault($"{InvariantException.Begin(Number)}somebody changed the spec of {change.Resource} {change.Key.Name}, which is a person's, from {change.Before?["spec"]?.ToJsonString()} to {change.After["spec"]?.ToJsonString()}");
    }
}

using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Operators;

/// <summary>What an operator tells of itself, in the timeline. What only a fault of the program explains fails the run.</summary>
internal sealed class OperatorLog(SimTimeline timeline, SimProcess process, InventoryBeforeMutation inventory) : RuntimeObserver
{
    public override void Listed(string cache, int objects, string resourceVersion) =>
        Add($"{cache} listed: {objects} at {resourceVersion}", minor: true);

    public override void WatchInterrupted(string cache, Exception cause, TimeSpan delay) =>
        Add($"{cache} interrupted: {cause.Message}", minor: true);

    public override void HandlerFailed(string cache, ObjectKey key, Exception cause) => Fault($"handler of {cache} {key}: {cause}");

    public override void ReconcileFailed(string controller, ObjectKey key, Exception cause, int failures, TimeSpan delay)
    {
        if (IsExpected(cause))
            Add($"{controller} {key} failed ({failures}): {cause.Message}", minor: cause is KubeApiException { IsConflict: true });
        else
            Fault($"{controller} {key}: {cause}");
    }

    public override void ReconcileGaveUp(string controller, ObjectKey key, TerminalException cause) =>
        Add($"{controller} {key} gave up: {cause.Message}");

    public override void LeadershipGained(string lease, string identity, int term)
    {
        inventory.Leads();
        Add($"leads, term {term}");
    }

    public override void LeadershipEnded(string lease, string identity, string reason) => Add($"leads no more: {reason}");

    public override void LeaseCallFailed(string lease, Exception cause) => Add($"lease: {cause.Message}", minor: true);

    private static bool IsExpected(Exception cause) =>
        cause is KubeApiException or IOException or HttpRequestException or ArmAnswerException or OperationCanceledException or TimeoutException;

    private void Add(string what, bool minor = false)
    {
        if (process.IsDead)
            return;
        if (minor)
            timeline.AddMinor($"{process.Name} {what}");
        else
            timeline.Add($"{process.Name} {what}");
    }

    private void Fault(string what)
    {
        if (!process.IsDead)
            timeline.Fault($"{process.Name} {what}");
    }
}

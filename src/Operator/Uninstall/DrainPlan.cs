namespace Vnetcni.Operator.Uninstall;

/// <summary>What a drain stops first.</summary>
/// <param name="Deployment">The operator's Deployment; empty = none.</param>
/// <param name="AgentDaemonSet">The agents' DaemonSet; empty = none.</param>
/// <param name="Force">Also while pods use addresses.</param>
internal sealed record DrainPlan(string Deployment, string AgentDaemonSet, bool Force);

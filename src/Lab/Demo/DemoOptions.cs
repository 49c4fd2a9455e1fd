namespace Vnetcni.Lab.Demo;

/// <summary>What the demo shall do.</summary>
/// <param name="Cluster"><c>embedded</c>, <c>debian</c>, <c>docker</c> or <c>kubeconfig</c>.</param>
/// <param name="Keep">Leave everything running at the end.</param>
/// <param name="Plain">No colours and no moving output, for logs.</param>
/// <param name="Nodes">Number of machines.</param>
/// <param name="Pods">Number of pods at the start, over all machines.</param>
/// <param name="Root">Root of the checkout.</param>
/// <param name="Folder">State of the lab: sockets, logs, kubeconfig.</param>
/// <param name="Binary">The published CNI binary.</param>
internal sealed record DemoOptions(
    string Cluster, bool Keep, bool Plain, int Nodes, int Pods, string Root, string Folder, string Binary)
{
    /// <summary>Seed of the ARM simulator's chance.</summary>
    public ulong Seed { get; init; } = 1;
}

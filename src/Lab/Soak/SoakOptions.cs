namespace Vnetcni.Lab.Soak;

/// <summary>What the soak shall do.</summary>
/// <param name="Seed">Drives pods, kills and ARM's faults. Timing is the kernel's: a seed repeats the plan, not the run.</param>
/// <param name="Length">How long pods come and go, all parts together.</param>
/// <param name="Workers">Workers per machine; each starts and stops pods one after the other.</param>
/// <param name="Root">Root of the checkout.</param>
/// <param name="Folder">State of the lab: sockets, logs, kubeconfig.</param>
/// <param name="Binary">The published CNI binary.</param>
internal sealed record SoakOptions(ulong Seed, TimeSpan Length, int Workers, string Root, string Folder, string Binary)
{
    /// <summary>Number of machines.</summary>
    public const int Nodes = 3;
}

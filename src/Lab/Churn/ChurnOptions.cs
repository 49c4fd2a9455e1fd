namespace Vnetcni.Lab.Churn;

/// <summary>What the churn shall do.</summary>
/// <param name="Seed">Drives pods and kills; the moments are the kernel's.</param>
/// <param name="Count">Pods in all: each an ADD and a DEL.</param>
/// <param name="Length">It ends then, if that comes first.</param>
/// <param name="Workers">Threads that start and stop pods.</param>
/// <param name="Folder">State of the run. Removed at the end.</param>
/// <param name="Agent">The agent's program.</param>
internal sealed record ChurnOptions(ulong Seed, int Count, TimeSpan Length, int Workers, string Folder, string Agent)
{
    /// <summary>Addresses of the node: fewer than <see cref="SandboxesEach"/> a worker, so that ADDs wait for a DEL.</summary>
    public const int Addresses = 40;

    /// <summary>Network namespaces of each worker.</summary>
    public const int SandboxesEach = 6;

    /// <summary>This part of the run has kills; in the rest one process lives, whose memory is watched.</summary>
    public const double KillShare = 0.6;
}

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>
/// Where a test makes one client's calls slow, fail or show the past. Every hook may await (a delay) or throw.
/// </summary>
public sealed class KubeFaults
{
    /// <summary>Before the call has any effect. Throwing = it never happened.</summary>
    public Func<KubeCall, CancellationToken, Task>? Before { get; set; }

    /// <summary>After the effect, before the answer. Throwing = it happened, and the answer is lost.</summary>
    public Func<KubeCall, CancellationToken, Task>? After { get; set; }

    /// <summary>
    /// For get and list: from the newest version to the version that the read shows (an old API server's cache).
    /// </summary>
    public Func<KubeCall, long, long>? ReadVersion { get; set; }

    /// <summary>Before each event of a watch.</summary>
    public Func<KubeCall, CancellationToken, Task>? BeforeEvent { get; set; }
}

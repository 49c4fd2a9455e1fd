using Vnetcni.Ipam.Ledger.Leaks;

namespace Vnetcni.NodeAgent.Leaks;

/// <summary>A node on which no container runtime is asked.</summary>
public sealed class NoSandboxes : ISandboxes
{
    /// <inheritdoc/>
    public string State => "off";

    /// <inheritdoc/>
    public Task<SandboxWitness> AskAsync(CancellationToken cancellationToken) => Task.FromResult(SandboxWitness.None);
}

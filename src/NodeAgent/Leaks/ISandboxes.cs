using Vnetcni.Ipam.Ledger.Leaks;

namespace Vnetcni.NodeAgent.Leaks;

/// <summary>The container runtime, as far as the agent asks it.</summary>
public interface ISandboxes
{
    /// <summary>For people: which runtime is asked, and how it answers.</summary>
    string State { get; }

    /// <summary>Which sandboxes there are. A runtime that does not answer is <see cref="SandboxWitness.Silent"/>; nothing but a cancellation is thrown.</summary>
    Task<SandboxWitness> AskAsync(CancellationToken cancellationToken);
}

using Vnetcni.Ipam.Ledger.Leaks;
using Vnetcni.NodeAgent.Leaks;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>A container runtime that knows what the test says.</summary>
internal sealed class FakeSandboxes : ISandboxes
{
    /// <summary>Sandboxes and whether they run; null = no runtime is asked on this node.</summary>
    public SortedDictionary<string, bool>? Known { get; set; }

    public bool Silent { get; set; }

    public int Asked { get; private set; }

    public string State => $"{Known?.Count}";

    public async Task<SandboxWitness> AskAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Asked++;
        if (Known is null)
            return SandboxWitness.None;
        return Silent ? SandboxWitness.Silent : SandboxWitness.Listing(new SortedDictionary<string, bool>(Known));
    }

    public void Run(params int[] pods)
    {
        Known ??= new SortedDictionary<string, bool>(StringComparer.Ordinal) { ["host-network"] = true };
        foreach (var pod in pods)
            Known[$"c{pod}"] = true;
    }
}

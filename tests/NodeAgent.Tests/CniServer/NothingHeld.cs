using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.NodeAgent.Tests.CniServer;

/// <summary>A core that holds nothing and attaches nothing.</summary>
internal sealed class NothingHeld : IAttachments
{
    public List<Owner> Deleted { get; } = [];

    /// <summary>What STATUS waits for.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    public Task DeleteAsync(Owner owner, CancellationToken cancellationToken)
    {
        Deleted.Add(owner);
        return Task.CompletedTask;
    }

    public Task UndoAsync(Owner owner, long attachment) => Task.CompletedTask;

    public Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone) => throw new NotSupportedException();

    public Task CheckAsync(CheckCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task StatusAsync(CancellationToken cancellationToken) => Ready;
}

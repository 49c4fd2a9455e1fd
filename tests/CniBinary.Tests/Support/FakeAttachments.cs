using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>A core of a few addresses: an ADD without one waits, a DEL hands its address to the ADD that waits longest.</summary>
public sealed class FakeAttachments(int addresses = 4) : IAttachments
{
    private readonly Lock _gate = new();
    private readonly Queue<IPAddress> _free = new(Enumerable.Range(1, addresses).Select(i => IPAddress.Parse($"10.224.0.{i}")));
    private readonly Dictionary<Owner, IPAddress> _held = [];
    private readonly List<(Owner Owner, TaskCompletionSource<IPAddress> Wake)> _waiting = [];

    public List<AddCommand> Adds { get; } = [];

    public List<Owner> Deletes { get; } = [];

    public List<Owner> Cancelled { get; } = [];

    /// <summary>Waiters that a DEL gave an address.</summary>
    public List<Owner> Woken { get; } = [];

    public List<CheckCommand> Checks { get; } = [];

    public List<(string Network, IReadOnlySet<Owner> Valid)> Collections { get; } = [];

    public Exception? Fault { get; set; }

    /// <summary>Set: an ADD is done only when it completes, whoever hung up.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public int Waiting => Locked(() => _waiting.Count);

    public int Held => Locked(() => _held.Count);

    public T Locked<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }

    public async Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone)
    {
        using var ns = command.Namespace;
        lock (_gate)
            Adds.Add(command);
        if (Fault is not null)
            throw Fault;
        if (Hold is not null)
            await Hold.Task;
        var address = await TakeAsync(command.Owner, callerGone);
        return new AddOutcome(
            new AttachedInterface("vn0123456789a", PhysicalAddress.Parse("0A580AE00001"), PhysicalAddress.Parse("0A580AE00002"), 1500, IPAddress.Parse("169.254.1.1")),
            new PodAddress(address, IPAddress.Parse("169.254.1.1")));
    }

    public Task UndoAsync(Owner owner, long attachment) => DeleteAsync(owner, CancellationToken.None);

    public Task DeleteAsync(Owner owner, CancellationToken cancellationToken)
    {
        TaskCompletionSource<IPAddress>? wake = null;
        IPAddress? freed;
        lock (_gate)
        {
            Deletes.Add(owner);
            if (_held.Remove(owner, out freed))
            {
                if (_waiting.Count == 0)
                {
                    _free.Enqueue(freed);
                }
                else
                {
                    (var next, wake) = _waiting[0];
                    _waiting.RemoveAt(0);
                    _held[next] = freed;
                    Woken.Add(next);
                }
            }
        }

        wake?.TrySetResult(freed!);
        return Task.CompletedTask;
    }

    public Task CheckAsync(CheckCommand command, CancellationToken cancellationToken)
    {
        command.Namespace.Dispose();
        lock (_gate)
            Checks.Add(command);
        return Fault is null ? Task.CompletedTask : Task.FromException(Fault);
    }

    public Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken)
    {
        lock (_gate)
            Collections.Add((network, valid));
        return Task.CompletedTask;
    }

    public Task StatusAsync(CancellationToken cancellationToken) => Fault is null ? Task.CompletedTask : Task.FromException(Fault);

    private async Task<IPAddress> TakeAsync(Owner owner, CancellationToken callerGone)
    {
        var wake = new TaskCompletionSource<IPAddress>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_held.ContainsKey(owner))
                throw new CniException(CniErrorCode.InterfaceExists, "the interface exists");
            if (_free.TryDequeue(out var address))
            {
                _held[owner] = address;
                return address;
            }

            _waiting.Add((owner, wake));
        }

        await using var registration = callerGone.Register(() =>
        {
            lock (_gate)
            {
                if (_waiting.RemoveAll(waiter => waiter.Owner == owner) > 0)
                    Cancelled.Add(owner);
            }

            wake.TrySetCanceled(callerGone);
        });
        return await wake.Task;
    }
}

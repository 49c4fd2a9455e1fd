using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.Ledger.Leaks;
using Vnetcni.NodeAgent.Leaks;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>
/// The CNI verbs on the ledger and the data plane. ADD: assign, keep the record, plumb, keep that, answer. DEL: keep the
/// record, cut off, answer; the reaper does the rest. Between any two steps the process may die: what was kept tells the next
/// one what to undo.
/// </summary>
internal sealed partial class Attachments(
    AddressBook book, INodeNetwork network, AgentSettings settings, IPoolView pool, ISandboxes sandboxes, AgentMetrics metrics, TimeProvider time,
    ILogger logger) : IAttachments
{
    /// <inheritdoc/>
    public async Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone)
    {
        ArgumentNullException.ThrowIfNull(command);
        using var pod = command.Namespace;
        var started = time.GetTimestamp();
        var result = "error";
        try
        {
            var outcome = await AddAsync(command, LinkAlias.Of(command.Owner), callerGone);
            result = "ok";
            return outcome;
        }
        catch (CniException e)
        {
            result = e.Code == CniErrorCode.NoAddress ? "no_address" : "error";
            AddFailed(logger, command.Owner, command.Pod, e.Code, e.Message, e.Details);
            throw;
        }
        catch (OperationCanceledException)
        {
            result = "caller_gone";
            throw;
        }
        finally
        {
            metrics.AddDone(time.GetElapsedTime(started), result);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Owner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return FreeAsync(() => book.Free(owner));
    }

    /// <inheritdoc/>
    public Task UndoAsync(Owner owner, long attachment)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return FreeAsync(() => book.Free(new MadeAttachment(owner, attachment)));
    }

    private async Task FreeAsync(Func<IReadOnlyList<LeavingLink>> free)
    {
        var started = time.GetTimestamp();
        var result = "error";
        try
        {
            foreach (var link in free())
                await DetachAsync(link);
            result = "ok";
        }
        finally
        {
            book.Reaping.Set();
            book.Usage.Set();
            metrics.DeleteDone(time.GetElapsedTime(started), result);
        }
    }

    /// <inheritdoc/>
    public async Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(valid);
        List<string> failures = [];
        var invalid = book.AttachmentsOf(network).Where(made => !valid.Contains(made.Owner)).ToArray();
        if (invalid.Length == 0)
            return;
        var witness = await sandboxes.AskAsync(cancellationToken);
        foreach (var made in invalid)
        {
            var owner = made.Owner;
            if (witness.WordOn(owner.ContainerId) == SandboxWord.Lives)
            {
                // Who asks may have lost its memory, or be another runtime than the one that runs it.
                NotCollected(logger, owner);
                continue;
            }

            try
            {
                await FreeAsync(() => book.Free(made));
                Collected(logger, owner);
            }
            catch (CniException e)
            {
                failures.Add($"{owner}: {e.Message} ({e.Details})");
            }
        }

        if (failures.Count > 0)
            throw new CniException(CniErrorCode.Io, $"{failures.Count} attachments could not be freed", string.Join("; ", failures.Take(16)));
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CheckCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        using var pod = command.Namespace;
        var owner = command.Owner;
        if (book.Find(owner) is not { State: AddressState.Assigned } held)
            throw new CniException(CniErrorCode.CheckFailed, $"{owner} holds no address", "ADD never succeeded, or a DEL came: DEL, then ADD again");
        var address = held.Address.ToIPAddress();
        List<string> faults = [];
        if (!address.Equals(command.Address))
            faults.Add($"the ledger gives {address} to {owner}, prevResult says {command.Address}");
        if (!command.Delegated)
            faults.AddRange(await FaultsOfLinkAsync(new AttachRequest(pod, owner.InterfaceName, held.HostInterface, address, 0, LinkAlias.Of(owner)), cancellationToken));

        if (faults.Count > 0)
            throw new CniException(CniErrorCode.CheckFailed, $"{faults.Count} faults of {owner}", string.Join("; ", faults));
    }

    private async Task<IReadOnlyList<string>> FaultsOfLinkAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await network.CheckAsync(request, cancellationToken);
        }
        catch (DataplaneException e)
        {
            return [e.Message];
        }
    }

    /// <inheritdoc/>
    public Task StatusAsync(CancellationToken cancellationToken) =>
        pool.NotServing is { } reason
            ? Task.FromException(new CniException(CniErrorCode.NotAvailable, "the node's pool does not serve yet", reason))
            : Task.CompletedTask;

    private async Task<AddOutcome> AddAsync(AddCommand command, string alias, CancellationToken callerGone)
    {
        var owner = command.Owner;
        var add = book.Begin(owner, HostInterfaceName.Of(owner, settings.VethPrefix), command.Namespace.Inode);
        var linkMade = false;
        var done = false;
        try
        {
            var deadline = time.GetUtcNow() + pool.AddTimeout;
            while (book.IsBlocked(add, out var sweep))
            {
                book.Reaping.Set();
                await sweep.WaitAsync(Left(deadline), time, callerGone);
            }

            var entry = await book.TakeAsync(add, Left(deadline), () => NoAddress(), callerGone);
            callerGone.ThrowIfCancellationRequested();
            var mtu = command.Mtu > 0 ? command.Mtu : pool.Mtu;
            // A stand-in's end in the pod must not take the name that the other plug-in's interface gets.
            var name = command.Delegated ? add.HostInterface : owner.InterfaceName;
            var request = new AttachRequest(command.Namespace, name, add.HostInterface, entry.Address.ToIPAddress(), mtu, alias);
            linkMade = true;
            var made = await PlumbAsync(request, command.Delegated, () => linkMade = false);
            if (!book.Complete(add, out var attachment))
                throw new CniException(CniErrorCode.TryAgainLater, $"a DEL of {owner} ended this ADD", "the address was freed");
            done = true;
            book.Usage.Set();
            if (callerGone.IsCancellationRequested)
            {
                await UndoAsync(owner, attachment);
                throw new OperationCanceledException(callerGone);
            }

            return new AddOutcome(made, new PodAddress(request.Address, made?.Gateway) { Subnet = pool.SubnetOf(entry.Address) }) { Attachment = attachment };
        }
        catch (TimeoutException)
        {
            throw new CniException(
                CniErrorCode.TryAgainLater, $"the link of {owner} before this one is still in the kernel", "the reaper tries on; its log names the errno");
        }
        finally
        {
            if (!done)
                book.Abandon(add, linkMade);
        }
    }

    // The caller's token does not reach the kernel: a link half made is harder to undo than a whole one.
    private async Task<AttachedInterface?> PlumbAsync(AttachRequest request, bool delegated, Action nothingMade)
    {
        try
        {
            if (!delegated)
                return await network.AttachAsync(request, CancellationToken.None);
            await network.StandInAsync(request, CancellationToken.None);
            return null;
        }
        catch (DataplaneException e) when (e.Fault == DataplaneFault.InterfaceExists)
        {
            nothingMade();
            throw new CniException(CniErrorCode.InterfaceExists, $"{request.InterfaceName} exists in {request.Namespace.Path}", e.Message);
        }
        catch (DataplaneException e) when (e.Fault == DataplaneFault.BadNamespace)
        {
            nothingMade();
            throw new CniException(CniErrorCode.BadNamespace, $"{request.Namespace.Path} is not a pod's network namespace", e.Message);
        }
        catch (DataplaneException e)
        {
            throw new CniException(CniErrorCode.Dataplane, $"the kernel refused the link {request.HostInterface}", e.Message);
        }
    }

    private async Task DetachAsync(LeavingLink link)
    {
        var done = false;
        try
        {
            await network.DetachAsync(link.HostInterface, link.Destination, CancellationToken.None);
            done = true;
        }
        catch (DataplaneException e)
        {
            // The DEL is kept: it succeeds, and the reaper tries on.
            DetachFailed(logger, link.HostInterface, e.Message);
        }
        finally
        {
            book.Detached(link, done);
        }
    }

    private TimeSpan Left(DateTimeOffset deadline)
    {
        var left = deadline - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private CniException NoAddress()
    {
        var count = book.Count();
        return new CniException(
            CniErrorCode.NoAddress,
            $"no free address on node {settings.NodeName} within {pool.AddTimeout.TotalSeconds:0.#} s",
            $"held {count.Listed} of at most {pool.MaxAddresses}, in use {count.InUse}, cooling {count.Cooling}, "
            + $"being given back {count.Offered}, quarantined {count.Quarantined}, waiting {book.Waiting}; {pool.Explanation}");
    }
}

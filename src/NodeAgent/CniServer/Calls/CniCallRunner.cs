using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer.Config;
using Vnetcni.NodeAgent.CniServer.Results;

namespace Vnetcni.NodeAgent.CniServer.Calls;

/// <summary>What a call came to.</summary>
/// <param name="Reply">For the client.</param>
/// <param name="Undo">The attachment that the client has to hear of; null when there is nothing to undo.</param>
internal sealed record Answer(WireReply Reply, MadeAttachment? Undo);

/// <summary>Runs calls on the agent's core. Knows no sockets.</summary>
internal sealed class CniCallRunner(IAttachments attachments, SpoolDrainer spool, ILogger logger)
{
    // A warning for each configuration, not for each pod; bounded, because what is in it is not ours.
    private const int MostWarnings = 64;
    private readonly ConcurrentDictionary<string, bool> _warned = new();

    /// <summary>Never throws: a failure is an error reply. Disposes the call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="callerGone">Fires when the client hung up.</param>
    public async Task<Answer> RunAsync(CniCall call, CancellationToken callerGone)
    {
        using (call)
        {
            try
            {
                return await AnswerAsync(call, callerGone);
            }
            catch (Exception e)
            {
                var error = Faults.ToCni(e);
                if (callerGone.IsCancellationRequested)
                    logger.CallGivenUp(call.Command, call.Owner);
                else if (error.Code == CniErrorCode.Internal)
                    logger.CallFaulted(e, call.Command, call.Owner);
                else
                    logger.CallFailed(call.Command, call.Owner, error.Code, error.Message, error.Details);
                return new Answer(WireReply.Error(call.Config.Head.CniVersion, error), null);
            }
        }
    }

    /// <summary>Undoes an ADD whose reply did not reach its client, and not what its owner got by a later one.</summary>
    public async Task UndoAsync(MadeAttachment made)
    {
        var owner = made.Owner;
        logger.ReplyLost(owner);
        try
        {
            await attachments.UndoAsync(owner, made.Number);
        }
        catch (Exception e)
        {
            // The runtime follows a failed ADD with a DEL, or a GC finds it.
            logger.UndoFailed(e, owner);
        }
    }

    private async Task<Answer> AnswerAsync(CniCall call, CancellationToken callerGone)
    {
        switch (call.Command)
        {
            case CniCommand.Add:
                return await AddAsync(call, callerGone);
            case CniCommand.Del:
                // Not callerGone: a DEL that was asked for is done, whoever hears of it.
                await attachments.DeleteAsync(call.Owner, CancellationToken.None);
                break;
            case CniCommand.Check:
                await CheckAsync(call, callerGone);
                break;
            case CniCommand.Gc:
                await CollectAsync(call, callerGone);
                break;
            default:
                await attachments.StatusAsync(callerGone);
                break;
        }

        return new Answer(WireReply.Done, null);
    }

    private async Task<Answer> AddAsync(CniCall call, CancellationToken callerGone)
    {
        WarnOfUnused(call.Config);
        // A DEL that was recorded before this ADD must not be drained after it.
        await spool.DrainAsync(call.Owner);
        var command = new AddCommand(call.Owner, call.TakeNamespace(), call.Pod, call.Config.Mtu) { Delegated = call.Config.Ipam is not null };
        var outcome = await attachments.AddAsync(command, callerGone);
        var made = new MadeAttachment(call.Owner, outcome.Attachment);
        try
        {
            var result = call.Config.Ipam is { } ipam
                ? IpamResultWriter.Write(outcome, ipam, call.Config)
                : AddResultWriter.Write(outcome, call.Environment.InterfaceName, call.Environment.Netns, call.Config);
            RequireLength(result);
            return new Answer(new WireReply(0, result), made);
        }
        catch
        {
            // A failed ADD leaves nothing behind.
            await UndoAsync(made);
            throw;
        }
    }

    // The binary would not read it, and nobody would know of what was made. prevResult grows where its characters have to be escaped.
    private static void RequireLength(byte[] result)
    {
        if (result.Length < WireLimits.Reply)
            return;
        throw new CniException(
            CniErrorCode.Decode,
            "the result of the ADD is too long",
            $"with what prevResult and dns bring along it has {result.Length} bytes, fewer than {WireLimits.Reply} can be passed on; nothing was kept");
    }

    private void WarnOfUnused(NetworkConfig config)
    {
        if (config.Unused.Count == 0 || _warned.Count >= MostWarnings)
            return;
        var fields = string.Join(", ", config.Unused);
        if (_warned.TryAdd($"{config.Head.Name}: {fields}", true))
            logger.FieldsUnused(config.Head.Name, fields);
    }

    private async Task CheckAsync(CniCall call, CancellationToken callerGone)
    {
        if (call.Config.Previous is not { } previous)
        {
            throw new CniException(
                CniErrorCode.InvalidConfig, "CHECK needs prevResult", "the runtime has to hand over the result of the ADD");
        }

        if (previous.AddressOf(call.Environment.InterfaceName) is not { } address)
        {
            throw new CniException(
                CniErrorCode.CheckFailed,
                $"prevResult has no address for {call.Environment.InterfaceName}",
                "it has to list the interface with its sandbox, and an entry of ips that points at it");
        }

        var command = new CheckCommand(call.Owner, call.TakeNamespace(), address) { Delegated = call.Config.Ipam is not null };
        await attachments.CheckAsync(command, callerGone);
    }

    private async Task CollectAsync(CniCall call, CancellationToken callerGone)
    {
        var network = call.Config.Head.Name;
        if (call.Config.ValidAttachments is not { } attached)
        {
            logger.CollectWithoutList(network);
            return;
        }

        var valid = attached.Select(a => new Owner(network, a.ContainerId, a.InterfaceName)).ToHashSet();
        await attachments.CollectAsync(network, valid, callerGone);
    }
}

using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol.Spool;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.NodeAgent.CniServer;

/// <summary>
/// Does the DELs that were recorded while the agent was away: all of them before the socket opens, an owner's own before its
/// ADD, and again now and then, for those of an agent that was only stuck.
/// </summary>
/// <param name="folder">Where they are.</param>
/// <param name="bootId">This boot: records of another one are void, as the allocations are.</param>
/// <param name="attachments">The core.</param>
/// <param name="time">For the age of files that a killed writer left.</param>
/// <param name="logger">Log.</param>
#pragma warning disable CA1001 // A drain may outlive the server's stop; a semaphore without a wait handle holds nothing to give back.
internal sealed class SpoolDrainer(
#pragma warning restore CA1001
    SpoolFolder folder, string bootId, IAttachments attachments, TimeProvider time, ILogger logger)
{
    private const string UnreadableExtension = ".unreadable";
    private static readonly TimeSpan s_abandoned = TimeSpan.FromMinutes(1);

    // One record at a time: an ADD that finds its owner's record being done waits until it is.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Does every recorded DEL. One that fails stays for the next time.</summary>
    public async Task DrainAsync()
    {
        foreach (var file in folder.Pending())
            await InTurnAsync(() => TryDrainAsync(file));
        foreach (var file in folder.Temporaries())
        {
            if (time.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero) > s_abandoned)
                File.Delete(file);
        }
    }

    /// <summary>Does the recorded DEL of one owner, where there is one. Throws what the DEL throws.</summary>
    public async Task DrainAsync(Owner owner)
    {
        if (!folder.Has(owner.Network, owner.ContainerId, owner.InterfaceName))
            return;
        await InTurnAsync(() => DrainAsync(folder.FileOf(owner.Network, owner.ContainerId, owner.InterfaceName)));
    }

    private async Task InTurnAsync(Func<Task> drain)
    {
        await _turn.WaitAsync();
        try
        {
            await drain();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TryDrainAsync(string file)
    {
        try
        {
            await DrainAsync(file);
        }
        catch (Exception e)
        {
            logger.SpoolFailed(e, file);
        }
    }

    // Exactly what was read is done and removed: a DEL recorded meanwhile is another file.
    private async Task DrainAsync(string file)
    {
        if (!SpoolFolder.TryTake(file, out var taken, out var entry))
            return;
        if (entry is null)
        {
            // Kept under another name for whoever wonders, and not read again.
            File.Move(taken, file + UnreadableExtension, overwrite: true);
            logger.SpoolUnreadable(file + UnreadableExtension);
            return;
        }

        var owner = new Owner(entry.Network, entry.ContainerId, entry.InterfaceName);
        if (string.Equals(entry.BootId, bootId, StringComparison.Ordinal))
            await attachments.DeleteAsync(owner, CancellationToken.None);
        File.Delete(taken);
        logger.SpoolDrained(owner, entry.Time);
    }
}

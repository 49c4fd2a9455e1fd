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
internal sealed class SpoolDrainer(
    SpoolFolder folder, string bootId, IAttachments attachments, TimeProvider time, ILogger logger)
{
    private const string UnreadableExtension = ".unreadable";
    private static readonly TimeSpan s_abandoned = TimeSpan.FromMinutes(1);

    /// <summary>Does every recorded DEL. One that fails stays for the next time.</summary>
    public async Task DrainAsync()
    {
        foreach (var (file, entry) in folder.Read())
            await DrainAsync(file, entry);
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
        await attachments.DeleteAsync(owner, CancellationToken.None);
        File.Delete(folder.FileOf(owner.Network, owner.ContainerId, owner.InterfaceName));
    }

    private async Task DrainAsync(string file, SpoolEntry? entry)
    {
        if (entry is null)
        {
            // Kept under another name for whoever wonders, and not read again.
            File.Move(file, file + UnreadableExtension, overwrite: true);
            logger.SpoolUnreadable(file + UnreadableExtension);
            return;
        }

        // An ADD of the same owner may have done it since the folder was read: doing it again would take that ADD's address.
        if (!File.Exists(file))
            return;
        var owner = new Owner(entry.Network, entry.ContainerId, entry.InterfaceName);
        if (string.Equals(entry.BootId, bootId, StringComparison.Ordinal))
        {
            try
            {
                await attachments.DeleteAsync(owner, CancellationToken.None);
            }
            catch (Exception e)
            {
                logger.SpoolFailed(e, owner);
                return;
            }
        }

        File.Delete(file);
        logger.SpoolDrained(owner, entry.Time);
    }
}

using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;

namespace Vnetcni.Dataplane.Linux.Conntrack;

/// <summary>
/// Addresses that were cut off and whose tracked connections are to be forgotten before anybody else gets them. Noting is
/// for any thread, forgetting for one.
/// </summary>
internal sealed class LeavingAddresses : IDisposable
{
    private readonly Lock _gate = new();
    private HashSet<IPAddress> _noted = [];
    private NetlinkSocket? _socket;

    /// <summary>Notes an address; <see cref="IPAddress.Any"/> stands for none.</summary>
    public void Note(IPAddress address)
    {
        if (address.Equals(IPAddress.Any))
            return;
        lock (_gate)
            _noted.Add(address);
    }

    /// <summary>
    /// Runs what deletes the links, then forgets the connections of the addresses noted before. When either fails they stay
    /// noted.
    /// </summary>
    public void ForgetAfter(Action deleteLinks)
    {
        HashSet<IPAddress> batch;
        lock (_gate)
            (batch, _noted) = (_noted, []);
        try
        {
            deleteLinks();
            if (batch.Count > 0)
                ConntrackFlush.Run(Socket(), batch);
        }
        catch
        {
            lock (_gate)
                _noted.UnionWith(batch);
            throw;
        }
    }

    /// <summary>Closes the socket. Not while <see cref="ForgetAfter"/> runs.</summary>
    public void Dispose() => _socket?.Dispose();

    private NetlinkSocket Socket()
    {
        if (_socket is { Suspect: true })
        {
            _socket.Dispose();
            _socket = null;
        }
        return _socket ??= NetlinkSocket.Open(NftConstants.Protocol);
    }
}

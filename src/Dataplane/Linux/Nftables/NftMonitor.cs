using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Nftables;

/// <summary>
/// Listens to what everybody changes in nftables, on a thread of its own, and says when it is about the tables (IPv4 and bridge) of one name, or when
/// messages were lost and it may be. kube-proxy changes thousands of rules at once: others' messages are read and dropped.
/// </summary>
internal sealed unsafe class NftMonitor : IDisposable
{
    /// <summary>The kernel packs messages up to NLMSG_GOODSIZE into a datagram; a larger one is cut and counts as lost.</summary>
    private const int ReceiveBytes = 32 * 1024;

    private const int CloseOnExec = 0x80000;
    private readonly SafeDescriptor _socket;
    private readonly SafeDescriptor _stop;
    private readonly string _table;
    private readonly Action _changed;
    private readonly Thread _thread;

    /// <summary>Listens in the calling thread's network namespace. Needs CAP_NET_ADMIN, as every netfilter group does.</summary>
    public NftMonitor(string table, Action changed)
    {
        (_table, _changed) = (table, changed);
        _socket = new SafeDescriptor(LibC.Socket(Sockets.AfNetlink, Sockets.RawCloseOnExec, NftConstants.Protocol));
        if (_socket.IsInvalid)
            throw NetlinkSocket.SystemCall("socket(NETLINK_NETFILTER)", LibC.LastError);
        _stop = new SafeDescriptor(LibC.EventDescriptor(0, CloseOnExec));
        var group = NftConstants.Group;
        // Bound explicitly: a socket without a port number gets no broadcasts.
        var address = new NetlinkAddress { Family = Sockets.AfNetlink };
        if (_stop.IsInvalid || LibC.Bind(_socket, &address, (uint)sizeof(NetlinkAddress)) != 0
            || LibC.SetSocketOption(_socket, Sockets.SolNetlink, Sockets.AddMembership, &group, sizeof(int)) != 0)
        {
            var errno = LibC.LastError;
            _socket.Dispose();
            _stop.Dispose();
            throw NetlinkSocket.SystemCall("listening to nftables (NETLINK_ADD_MEMBERSHIP)", errno);
        }
        _thread = new Thread(Listen) { IsBackground = true, Name = "vnetcni-nftmon" };
        _thread.Start();
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        ulong one = 1;
        // Can't fail: the counter is at zero and the descriptor is ours.
        _ = LibC.Write(_stop, &one, sizeof(ulong));
        _thread.Join();
        _socket.Dispose();
        _stop.Dispose();
    }

    private void Listen()
    {
        var buffer = new byte[ReceiveBytes];
        var entries = stackalloc PollEntry[2];
        while (true)
        {
            entries[0] = new PollEntry { Descriptor = (int)_socket.DangerousGetHandle(), Events = Sockets.PollIn };
            entries[1] = new PollEntry { Descriptor = (int)_stop.DangerousGetHandle(), Events = Sockets.PollIn };
            // EINTR is the only failure with these arguments; the next turn tells.
            if (LibC.Poll(entries, 2, -1) > 0 && entries[1].Returned != 0)
                return;
            if (Drain(buffer))
                _changed();
        }
    }

    // Reads what is there; true when any of it concerns the table.
    private bool Drain(byte[] buffer)
    {
        var concerned = false;
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var received = LibC.ReceiveFrom(_socket, start, (nuint)buffer.Length, Sockets.MsgDontWait | Sockets.MsgTrunc, null, null);
                if (received < 0 && LibC.LastError == Errno.Again)
                    return concerned;
                // ENOBUFS: messages were lost.
                concerned |= received < 0 || received > buffer.Length || Concerns(buffer.AsSpan(0, (int)received), _table);
            }
        }
    }

    /// <summary>Whether a datagram tells of the table, IPv4 or bridge.</summary>
    internal static bool Concerns(ReadOnlySpan<byte> datagram, string table)
    {
        var messages = new NetlinkMessages(datagram);
        while (messages.MoveNext())
        {
            if (messages.Header.Type >> 8 != NftConstants.Subsystem || messages.Header.Type == NftMessage.NewGeneration)
                continue;
            var attributes = NetlinkAttributes.After(messages.Payload, out NetfilterHeader header);
            while (header.Family is NftConstants.FamilyIp or NftConstants.FamilyBridge && attributes.MoveNext())
            {
                if (attributes.Type == NftAttribute.TableName && attributes.Text == table)
                    return true;
            }
        }
        return messages.Malformed;
    }
}

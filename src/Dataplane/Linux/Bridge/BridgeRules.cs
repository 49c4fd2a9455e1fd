using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>
/// Keeps the table <c>bridge vnetcni</c>: which pods are in it is known here, so that it can be made anew when somebody flushes
/// it. For any thread.
/// </summary>
internal sealed class BridgeRules(string nic, PhysicalAddress nicMac, NetlinkProbe? beforeSend) : IDisposable
{
    private readonly Lock _gate = new();
    private Dictionary<IPAddress, BridgePod> _pods = [];
    private IReadOnlyList<NftRuleState> _known = [];
    private NetlinkSocket? _socket;

    /// <summary>Makes the table with these pods; packets meet the old table or the new one.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    public void Restore(IEnumerable<KeyValuePair<IPAddress, BridgePod>> pods)
    {
        lock (_gate)
        {
            _pods = new Dictionary<IPAddress, BridgePod>(pods);
            WriteAll();
        }
    }

    /// <summary>Adds a pod, or puts its address to another port.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    public void Add(IPAddress address, BridgePod pod)
    {
        lock (_gate)
        {
            var isNew = _pods.TryAdd(address, pod);
            _pods[address] = pod;
            // A table that somebody deleted is made anew, with all pods.
            if (!isNew || Send((ref NetlinkWriter writer) => BridgeTable.WritePod(ref writer, NftMessage.NewElement, address, pod), 1).Count > 0)
                WriteAll();
        }
    }

    /// <summary>Removes a pod; none of that address is no error.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    public void Remove(IPAddress address)
    {
        lock (_gate)
        {
            if (_pods.Remove(address, out var pod)
                && Send((ref NetlinkWriter writer) => BridgeTable.WritePod(ref writer, NftMessage.DeleteElement, address, pod), 1).Count > 0)
                WriteAll();
        }
    }

    /// <summary>The pod that has an address, or null.</summary>
    public BridgePod? Find(IPAddress address)
    {
        lock (_gate)
            return _pods.GetValueOrDefault(address);
    }

    /// <summary>What somebody else changed, one sentence each.</summary>
    public IReadOnlyList<string> Faults()
    {
        lock (_gate)
        {
            var found = NftTableState.Read(Socket(), BridgeTable.Table);
            if (found is null)
                return [$"table {BridgeTable.Table} is gone"];
            var faults = new List<string>();
            if (found.Flags != 0)
                faults.Add($"table {BridgeTable.Table} is asleep (flag dormant)");
            if (!found.Rules.SequenceEqual(_known))
                faults.Add($"rules of table {BridgeTable.Table} were replaced");
            if (!BridgeTable.HasPods(Socket(), _pods))
                faults.Add($"the sets of table {BridgeTable.Table} do not have the {_pods.Count} pods of the node");
            return faults;
        }
    }

    /// <summary>Makes the table anew when something is wrong with it.</summary>
    public void Repair()
    {
        lock (_gate)
        {
            if (Faults().Count > 0)
                WriteAll();
        }
    }

    /// <summary>Deletes the table.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            if (Send(BridgeTable.WriteDelete, 0) is [var failure, ..])
                throw failure.ToException($"deleting table {BridgeTable.Table}");
        }
    }

    /// <summary>Deletes a table that a process before this one left without a bridge.</summary>
    public static void DeleteLeftOver(NetlinkProbe? beforeSend)
    {
        using var rules = new BridgeRules("", PhysicalAddress.None, beforeSend);
        if (NftTableState.Read(rules.Socket(), BridgeTable.Table) is not null)
            rules.Delete();
    }

    /// <summary>Closes the socket; the table stays.</summary>
    public void Dispose() => _socket?.Dispose();

    private void WriteAll()
    {
        if (Send((ref NetlinkWriter writer) => BridgeTable.WriteAnew(ref writer, nic, nicMac, _pods), _pods.Count) is [var failure, ..])
            throw failure.ToException(
                $"making table {BridgeTable.Table}" + (failure.Errno is Errno.NoEntry or Errno.NotSupported ? " (modprobe nf_tables nft_meta nf_tables_bridge)" : ""));
        _known = NftTableState.Read(Socket(), BridgeTable.Table)?.Rules ?? [];
    }

    private IReadOnlyList<NetlinkFailure> Send(NetlinkQuestion write, int pods)
    {
        var socket = Socket();
        var writer = socket.Write(new byte[BridgeTable.MaxBytes(pods)]);
        write(ref writer);
        return socket.SendTransaction(writer);
    }

    private NetlinkSocket Socket()
    {
        if (_socket is { Suspect: true })
        {
            _socket.Dispose();
            _socket = null;
        }
        _socket ??= NetlinkSocket.Open(NftConstants.Protocol);
        _socket.BeforeSend = beforeSend;
        return _socket;
    }
}

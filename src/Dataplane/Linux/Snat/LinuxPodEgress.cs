using System.Buffers;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.Dataplane.Linux.Node;
using Vnetcni.Dataplane.Linux.Threads;
using Vnetcni.Dataplane.Snat;

namespace Vnetcni.Dataplane.Linux.Snat;

/// <summary>
/// The egress rules as a table of ours, <c>ip vnetcni</c>, by nfnetlink in the network namespace of the thread that
/// constructs it. Needs CAP_NET_ADMIN. The table outlives this object: pods keep their network when the agent ends.
/// </summary>
public sealed class LinuxPodEgress : IPodEgress, IDisposable
{
    private readonly string? _nic;
    private readonly LinuxNodeNetwork? _network;
    private readonly PlumbingThreads _thread;
    private readonly NftMonitor _monitor;
    private volatile Action? _changed;

    private static readonly IEqualityComparer<SecondaryNic> s_sameNic =
        EqualityComparer<SecondaryNic>.Create((a, b) => ReferenceEquals(a, b) || (a is not null && b is not null && a.IsSame(b)), nic => nic.Index);

    // Of the one thread.
    private NetlinkSocket _socket;
    private EgressTable? _wanted;
    private NftTableState? _known;
    private IReadOnlyList<NicPods> _nics = [];

    /// <summary>Opens the sockets and starts the threads; changes nothing.</summary>
    /// <param name="nic">The NIC that traffic leaves by; null = the one of the default route.</param>
    /// <param name="network">The node's network: what it keeps in bridge mode is watched and mended together with the egress rules.</param>
    /// <exception cref="DataplaneException">A socket can't be opened, or the capability is missing.</exception>
    public LinuxPodEgress(string? nic, LinuxNodeNetwork? network = null)
    {
        (_nic, _network) = (nic, network);
        _socket = NetlinkSocket.Open(NftConstants.Protocol);
        try
        {
            _monitor = new NftMonitor(EgressTable.Name, () => _changed?.Invoke());
            try
            {
                _thread = new PlumbingThreads("vnetcni-nft", 1);
            }
            catch
            {
                _monitor.Dispose();
                throw;
            }
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(EgressRules rules, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (_network is not null)
            await _network.RepairAsync(cancellationToken);
        await _thread.RunAsync(
            route =>
            {
                var nic = rules.Translate ? Uplink.Find(route, _nic).Name : "";
                var nics = SecondaryNic.Resolve(route, rules.Nics, _nic);
                NicRoutes.Add(route, nics);
                Apply(rules, nic, nics);
                NicRoutes.RemoveOthers(route, nics, thorough: rules.IsEmpty);
                return true;
            },
            urgent: false,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var faults = _network is null ? [] : await _network.FaultsAsync(cancellationToken);
        return [.. faults, .. await _thread.RunAsync(Check, urgent: false, cancellationToken)];
    }

    /// <inheritdoc/>
    public void Listen(Action changed) => _changed = changed;

    /// <summary>Waits for what has begun. The rules stay.</summary>
    public void Dispose()
    {
        _monitor.Dispose();
        _thread.Dispose();
        _socket.Dispose();
    }

    private IReadOnlyList<string> Check(NetlinkSocket route)
    {
        if (_wanted is null)
            return [];
        // The mode changed: another interface has the NIC's address now.
        if (_wanted.PodElements is not null && Uplink.Find(route, _nic).Name is var nic && nic != _wanted.Nic)
            return [$"the rules are for {_wanted.Nic}, and traffic leaves by {nic}"];
        if (!SecondaryNic.Resolve(route, _nics, _nic).SequenceEqual(_wanted.Nics, s_sameNic))
            return ["the rules are for other NICs than the node has now"];
        return [.. NicRoutes.Faults(route, _wanted.Nics), .. WithSocket(socket => EgressAudit.Run(socket, _wanted, _known, out var _))];
    }

    private void Apply(EgressRules rules, string nic, IReadOnlyList<SecondaryNic> nics)
    {
        _nics = rules.Nics;
        // The slot that is not in use; after a start it is found out by trying.
        var slot = 1 - (_wanted?.Slot ?? 1);
        var table = new EgressTable(rules, nic, slot, nics);
        var buffer = ArrayPool<byte>.Shared.Rent(table.MaxBytes);
        try
        {
            if (TryExchange(table, buffer))
                return;
            table = new EgressTable(rules, nic, 1 - slot, nics);
            if (TryExchange(table, buffer))
                return;
            // Something of that name has another shape, by a hand or an older version: away with all of it, in one go too.
            if (Send(table.WriteAnew, buffer) is [var failure, ..])
                throw failure.ToException($"making table ip {EgressTable.Name}{Hint(failure)}");
            Learn(table);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryExchange(EgressTable table, byte[] buffer) =>
        table.Chains.Count > 0
        && (table.PodElements is null && table.Nics.Count == 0 || Send(table.WriteSets, buffer).Count == 0)
        && Send(table.WriteExchange, buffer).Count == 0
        && Learn(table);

    private IReadOnlyList<NetlinkFailure> Send(NetlinkQuestion write, byte[] buffer) => WithSocket(socket =>
    {
        var writer = socket.Write(buffer);
        write(ref writer);
        return socket.SendTransaction(writer);
    });

    // What was made, to be told apart from what somebody else makes of it later. False when it is not what is wanted.
    private bool Learn(EgressTable table)
    {
        _wanted = table;
        _known = WithSocket(socket => EgressAudit.Run(socket, table, null, out var found).Count == 0 ? found : null);
        return _known is not null || table.Chains.Count == 0;
    }

    private static string Hint(NetlinkFailure failure) => failure.Errno switch
    {
        Errno.Perm => " (CAP_NET_ADMIN is missing)",
        Errno.NoEntry or Errno.NotSupported or Errno.ProtocolNotSupported =>
            " (the kernel lacks a part of nftables: modprobe nf_tables nft_chain_nat nft_masq nft_ct nft_reject_ipv4)",
        _ => "",
    };

    private T WithSocket<T>(Func<NetlinkSocket, T> use)
    {
        if (_socket.Suspect)
        {
            var fresh = NetlinkSocket.Open(NftConstants.Protocol);
            _socket.Dispose();
            _socket = fresh;
        }
        return use(_socket);
    }
}

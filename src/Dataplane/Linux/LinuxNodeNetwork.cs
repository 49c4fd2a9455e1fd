using System.Net;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Conntrack;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Node;
using Vnetcni.Dataplane.Linux.Pods;
using Vnetcni.Dataplane.Linux.Threads;

namespace Vnetcni.Dataplane.Linux;

/// <summary>
/// The node's network by rtnetlink, and in bridge mode nfnetlink. Works in the network namespace of the thread that constructs it
/// (the node's own, in an agent). Detaching overtakes attaching; one further thread prepares, lists and reaps.
/// A token cancels work that has not begun; what has begun runs to its end and its result stands.
/// </summary>
public sealed class LinuxNodeNetwork : INodeNetwork, IDisposable
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";

    private readonly LinuxNodeNetworkOptions _options;
    private readonly ulong _ownNamespace;
    private readonly SweepGroup _group;
    private readonly LeavingAddresses _leaving = new();
    private readonly PlumbingThreads _plumbing;
    private readonly PlumbingThreads _reaper;
    private readonly Lock _reaping = new();
    private Task? _queuedReap;
    private readonly ModeSwitch _mode;
    private Uplink? _uplink;
    private volatile HashSet<IPAddress> _held = [];

    /// <summary>Opens the sockets and starts the threads.</summary>
    /// <exception cref="DataplaneException">A socket can't be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on Linux.</exception>
    public LinuxNodeNetwork(LinuxNodeNetworkOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PlumbingThreads, 1);
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("rtnetlink is Linux's.");
        _options = options;
        using (var socket = NetlinkSocket.Open())
            _ownNamespace = NamespaceIdentity.OfSocket(socket.Descriptor, "the node");
        _group = new SweepGroup(options.GroupSeed ?? File.ReadAllText(BootId).Trim());
        _mode = new ModeSwitch(options, _group);
        _reaper = new PlumbingThreads("vnetcni-reap", 1, options.BeforeSend);
        try
        {
            _plumbing = new PlumbingThreads("vnetcni-net", options.PlumbingThreads, options.BeforeSend);
        }
        catch
        {
            _reaper.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken)
    {
        var held = heldAddresses.ToArray();
        Array.ForEach(held, RequireIPv4);
        return _reaper.RunAsync(
            host =>
            {
                Forwarding.Enable();
                _mode.Ensure(host);
                Volatile.Write(ref _uplink, Uplink.Find(host, _options.Nic));
                _group.Verify(host);
                _held = [.. held];
                HeldRoutes.Apply(host, held);
                return true;
            },
            urgent: false,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken) => _reaper.RunAsync(
        host =>
        {
            var why = _mode.Use(host, mode);
            Volatile.Write(ref _uplink, Uplink.Find(host, _options.Nic));
            return why;
        },
        urgent: false,
        cancellationToken);

    /// <summary>What is wrong with the node's part in bridge mode, one sentence each; empty in transparent mode.</summary>
    internal Task<IReadOnlyList<string>> FaultsAsync(CancellationToken cancellationToken) =>
        _reaper.RunAsync(host => _mode.Faults(host), urgent: false, cancellationToken);

    /// <summary>Mends what <see cref="FaultsAsync"/> tells of.</summary>
    internal Task RepairAsync(CancellationToken cancellationToken) => _reaper.RunAsync(
        host =>
        {
            _mode.Repair(host);
            return true;
        },
        urgent: false,
        cancellationToken);

    /// <inheritdoc/>
    public Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        var pod = Require(request);
        return _plumbing.RunAsync(host => _mode.With(host, bridge => Attach(host, request, pod, bridge)), urgent: false, cancellationToken);
    }

    /// <inheritdoc/>
    public Task StandInAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        var pod = Require(request);
        return _plumbing.RunAsync(
            host =>
            {
                Make(host, pod, () => new PodStandIn(request, pod, _group.Birth).Run(host));
                return true;
            },
            urgent: false,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken)
    {
        InterfaceName.Require(hostInterface);
        RequireIPv4(address);
        return _plumbing.RunAsync(
            host =>
            {
                var any = _mode.With(host, bridge => _group.Detach(
                    host, number => PodDetach.Run(host, hostInterface, address, _held.Contains(address), number, _group.Birth, bridge)));
                // Also without a link: a process before this one may have died between the link and the connections.
                _leaving.Note(address);
                return any;
            },
            urgent: true,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReapAsync(CancellationToken cancellationToken)
    {
        lock (_reaping)
        {
            // A reap that has not begun will see everything detached before now: callers share it.
            _queuedReap ??= _reaper.RunAsync(Reap, urgent: true, CancellationToken.None);
            return _queuedReap.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken) =>
        _reaper.RunAsync(
            host => _mode.With(host, bridge => Inventory.Take(host, _group.Ensure(host), bridge)), urgent: false, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        var pod = Require(request);
        return _plumbing.RunAsync(
            host =>
            {
                RequireOpen(pod);
                return _mode.With(host, bridge => PodCheck.Run(host, request, pod, bridge));
            },
            urgent: true,
            cancellationToken);
    }

    /// <summary>Waits for what has begun; the rest is cancelled. Links and routes stay.</summary>
    public void Dispose()
    {
        _plumbing.Dispose();
        _reaper.Dispose();
        _leaving.Dispose();
        _mode.Dispose();
        _group.Dispose();
    }

    private AttachedInterface Attach(NetlinkSocket host, AttachRequest request, LinuxPodNamespace pod, NodeBridge? bridge)
    {
        AttachedInterface? made = null;
        Make(host, pod, () =>
        {
            var mtu = request.Mtu > 0 ? request.Mtu : (Volatile.Read(ref _uplink) ?? Uplink.Find(host, _options.Nic)).Mtu;
            made = new PodAttach(request, pod, mtu, _group.Birth, bridge).Run(host);
        });
        return made!;
    }

    private void Make(NetlinkSocket host, LinuxPodNamespace pod, Action make)
    {
        RequireOpen(pod);
        pod.Socket.BeforeSend = _options.BeforeSend;
        _group.Ensure(host);
        try
        {
            make();
        }
        catch (DataplaneException exception) when (exception.Errno == Errno.Exists && _group.HasDetached)
        {
            // The name may be that of a link detached and not reaped yet (DEL, then ADD of the same container).
            _group.Reap(host);
            make();
        }
    }

    private bool Reap(NetlinkSocket host)
    {
        lock (_reaping)
            _queuedReap = null;
        _leaving.ForgetAfter(() => _group.Reap(host));
        return true;
    }

    private LinuxPodNamespace Require(AttachRequest request)
    {
        InterfaceName.Require(request.InterfaceName);
        InterfaceName.Require(request.HostInterface);
        RequireIPv4(request.Address);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Mtu);
        InterfaceName.RequireAlias(request.Alias);
        if (request.Namespace is not LinuxPodNamespace pod)
            throw new ArgumentException($"The namespace is a {request.Namespace.GetType().Name}, not made by {nameof(LinuxPodNamespace)}.");
        return pod;
    }

    private void RequireOpen(LinuxPodNamespace pod)
    {
        if (pod.Descriptor.IsClosed)
            throw NamespaceIdentity.Bad($"{pod.Path} was closed before its turn came");
        if (pod.Inode == _ownNamespace)
            throw NamespaceIdentity.Bad($"{pod.Path} is the node's own network namespace, not a pod's");
    }

    private static void RequireIPv4(IPAddress address)
    {
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
            throw new DataplaneException(DataplaneFault.Family, $"{address} is not an IPv4 address: no other family is served");
    }
}

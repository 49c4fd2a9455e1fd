using System.Text;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>
/// Two link groups of ours (<c>ip link show group N</c>), with numbers that follow from the boot id so that a restarted
/// agent knows them again. <see cref="Birth"/>: host ends that are being made and have no alias yet; what a killed process
/// left in it is deleted. Sweep: detached links, deleted together. RTM_DELLINK by group deletes every link of the group,
/// so a number that a foreign link holds is never used.
/// </summary>
internal sealed class SweepGroup(string seed) : IDisposable
{
    private const int Candidates = 16;
    private readonly ReaderWriterLockSlim _use = new();
    private readonly Lock _verifying = new();
    private uint _sweep;
    private long _detached;
    private long _reaped;

    /// <summary>Group of links being made.</summary>
    public uint Birth { get; } = NumberOf(seed, "birth", 0);

    /// <summary>Links were detached that no reap, finished by now, has seen.</summary>
    public bool HasDetached => Volatile.Read(ref _detached) != Volatile.Read(ref _reaped);

    /// <summary>The number that a seed leads to at the given try; never 0, the default group.</summary>
    public static uint NumberOf(string seed, string use, int attempt)
    {
        var number = (uint)StableHash.Of(Encoding.UTF8.GetBytes($"{seed}/{use}/{attempt}")) & 0x7fffffff;
        return number == 0 ? 1 : number;
    }

    /// <summary>The sweep group's number, verified at least once.</summary>
    public uint Ensure(NetlinkSocket host)
    {
        if (Volatile.Read(ref _sweep) is var number and not 0)
            return number;
        lock (_verifying)
            return _sweep != 0 ? _sweep : Verify(host);
    }

    /// <summary>
    /// Looks at every link: takes the first number without a foreign link, moves detached links of ours there from a number
    /// given up, and at the first call of this process deletes what another left half made.
    /// </summary>
    public uint Verify(NetlinkSocket host)
    {
        lock (_verifying)
        {
            var links = host.Links();
            if (_sweep == 0)
                DeleteUnfinished(host, links);
            for (var attempt = 0; attempt < Candidates; attempt++)
            {
                var number = NumberOf(seed, "sweep", attempt);
                if (number != Birth && !links.Any(link => link.Group == number && !IsOurs(link)))
                    return Use(host, number, links);
            }
            throw new DataplaneException(
                DataplaneFault.Kernel, $"{Candidates} link groups were tried and each has a link that is not ours; see `ip -d link`");
        }
    }

    /// <summary>Runs <paramref name="detach"/> with the number, which can't change meanwhile. It returns whether a link was put there.</summary>
    public bool Detach(NetlinkSocket host, Func<uint, bool> detach)
    {
        Ensure(host);
        _use.EnterReadLock();
        try
        {
            var any = detach(_sweep);
            if (any)
                Interlocked.Increment(ref _detached);
            return any;
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>Deletes the group's links in one call.</summary>
    public void Reap(NetlinkSocket host)
    {
        var number = Ensure(host);
        var seen = Volatile.Read(ref _detached);
        var writer = host.Write(stackalloc byte[64]);
        writer.DeleteGroup(number);
        foreach (var failure in host.Send(writer))
        {
            // ENODEV: the group is empty.
            if (failure.Errno != Errno.NoDevice)
                throw failure.ToException($"deleting the links of group {number}");
        }
        Volatile.Write(ref _reaped, seen);
    }

    public void Dispose() => _use.Dispose();

    /// <summary>Whether a link was being made by us and never got its alias.</summary>
    public static bool IsUnfinished(Link link, uint birthGroup) => link.Group == birthGroup && link.Kind == "veth" && link.Alias.Length == 0;

    /// <summary>Deletes one link; it may be gone.</summary>
    /// <exception cref="DataplaneException">The kernel refused.</exception>
    public static void Delete(NetlinkSocket host, Link link)
    {
        var writer = host.Write(stackalloc byte[64]);
        writer.DeleteLink(link.Index);
        if (host.Send(writer) is [{ Errno: not Errno.NoDevice } failure])
            throw failure.ToException($"deleting the half-made {link.Name}");
    }

    private static bool IsOurs(Link link) => link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal);

    private void DeleteUnfinished(NetlinkSocket host, IReadOnlyList<Link> links)
    {
        foreach (var link in links)
        {
            if (IsUnfinished(link, Birth))
                Delete(host, link);
        }
    }

    private static void Move(NetlinkSocket host, Link link, uint number)
    {
        var writer = host.Write(stackalloc byte[64]);
        writer.LinkDown(link.Index, number);
        if (host.Send(writer) is [{ Errno: not Errno.NoDevice } failure])
            throw failure.ToException($"moving {link.Name} to group {number}");
    }

    private uint Use(NetlinkSocket host, uint number, IReadOnlyList<Link> links)
    {
        _use.EnterWriteLock();
        try
        {
            foreach (var link in links)
            {
                if (!IsOurs(link) || !IsCandidate(link.Group))
                    continue;
                Interlocked.Increment(ref _detached);
                if (link.Group != number)
                    Move(host, link, number);
            }
            Volatile.Write(ref _sweep, number);
            return number;
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    private bool IsCandidate(uint number)
    {
        for (var attempt = 0; attempt < Candidates; attempt++)
        {
            if (NumberOf(seed, "sweep", attempt) == number)
                return true;
        }
        return false;
    }
}

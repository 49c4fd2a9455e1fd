using Vnetcni.Dataplane.Linux.Netlink;

namespace Vnetcni.Dataplane.Linux;

/// <summary>Settings of <see cref="LinuxNodeNetwork"/>.</summary>
public sealed record LinuxNodeNetworkOptions
{
    /// <summary>The NIC whose MTU pods take; null = the one of the default route.</summary>
    public string? Nic { get; init; }

    /// <summary>
    /// Threads that attach, detach and check. The kernel's RTNL lock admits one at a time, so more than a few gain nothing.
    /// </summary>
    public int PlumbingThreads { get; init; } = 4;

    /// <summary>What the link groups' numbers follow from; null = the boot id, /proc/sys/kernel/random/boot_id.</summary>
    public string? GroupSeed { get; init; }

    /// <summary>Called before each rtnetlink send of attaching, detaching, reaping, preparing and listing.</summary>
    internal NetlinkProbe? BeforeSend { get; init; }
}

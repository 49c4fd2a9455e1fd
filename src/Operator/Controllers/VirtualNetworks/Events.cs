using Vnetcni.Api.Names;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Events about virtual networks.</summary>
internal static class Events
{
    public static void Cleaned(this IEventRecorder recorder, VirtualNetwork network, string nic, int count, string pool) => recorder.Normal(
        network, EventReasons.AddressesReleased, $"released {count} addresses on interface {nic}, which node {NodeOf(pool)} no longer has");

    public static void NotCleaned(this IEventRecorder recorder, VirtualNetwork network, string nic, ArmError error) =>
        recorder.Warning(network, EventReasons.ArmError, $"take our addresses off interface {nic}: {error}");

    public static void Orphaned(this IEventRecorder recorder, VirtualNetwork network, string nic, int count, string pool) => recorder.Warning(
        network,
        EventReasons.OrphanAddressesFound,
        $"interface {nic}, which no pool is about, carries {count} addresses of node {NodeOf(pool)} and is on a running VM; they stay accounted for; detach or delete the interface, or deallocate the VM");

    private static string NodeOf(string pool) => pool.Split('/')[0];
}

using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Operator.Azure.Inventory;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualMachines;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>
/// Whether a pool at rest is in ARM as it was left, as far as a LIST shows: the same machine with the same interface under the same ETag.
/// A few pages then stand for three reads of each node.
/// </summary>
internal sealed class StandingCheck(OperatorContext context, ArmInventory inventory, RestKeeper rest)
{
    /// <summary>A result when all stands and the pool can rest on; null when it must be worked on.</summary>
    public async Task<ReconcileResult?> RestOnAsync(NodeIpPool pool, PoolMemory memory, CancellationToken cancellationToken)
    {
        if (!rest.IsAtRest(pool, memory) || memory is not { Binding: { NodeUid: not null } binding, RestEtag.Length: > 0 } || rest.IsStale(pool, memory)
            || context.Nodes.Get(new ObjectKey(pool.Metadata.Name)) is not { } node || node.Metadata.Uid != binding.NodeUid
            || !binding.Nic.IsOfType(NetworkInterfaceClient.ResourceType)
            || !ProviderId.TryParse(node.Spec?.ProviderID, out var id, out _) || !id.Vm.IsOfType(VirtualMachineClient.ResourceType))
        {
            return null;
        }

        var age = context.Settings.Resync / 4;
        var nic = await inventory.Interfaces.FindAsync(binding.Nic, age, memory.RestedAt, cancellationToken);
        var vm = await inventory.Machines.FindAsync(id.Vm, age, memory.RestedAt, cancellationToken);
        if (nic is null || vm is null || nic.ETag != memory.RestEtag || vm.VmId != binding.VmId
            || !binding.Nic.Equals(BindingFinder.InterfaceOf(vm, EffectiveSettings.Of(pool.Spec!))))
        {
            return null;
        }

        (memory.RestedAt, memory.BoundAt) = (context.Time.GetTimestamp(), context.Time.GetTimestamp());
        return rest.Next();
    }
}

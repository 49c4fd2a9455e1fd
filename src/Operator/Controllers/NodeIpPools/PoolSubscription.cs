using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>In which subscription a pool's interface is, before it is found too: a VM's are in its own.</summary>
internal static class PoolSubscription
{
    /// <summary>Its id, as somebody wrote it; empty when nothing names it, and then ARM is not asked for the pool either.</summary>
    public static string Of(OperatorContext context, NodeIpPool pool, PoolMemory memory)
    {
        if (memory.Binding is { } binding)
            return binding.Nic.SubscriptionId;
        if (ProviderId.TryParse(context.Nodes.Get(pool.Key())?.Spec?.ProviderID, out var id, out _))
            return id.Vm.SubscriptionId;
        return pool.Status?.NetworkInterfaces is [{ Id: { } text }, ..] && ResourceId.TryParse(text, out var nic) ? nic.SubscriptionId : string.Empty;
    }
}

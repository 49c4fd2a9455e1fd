using System.Globalization;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Names what a limit is about, so that whoever reads it knows where to turn.</summary>
internal static class Places
{
    public static string Of(OperatorContext context, PoolRun run, Bound bound) => bound.Kind switch
    {
        BoundKind.SubnetFree => $"{run.Binding.Subnet.Name} ({run.Binding.Subnet.Cidr})",
        BoundKind.NodeLimit => NodeLimits.Of(context, run.Pool, run.Settings).Source,
        BoundKind.NicRoom => Interface(run, bound),
        BoundKind.VNetBudget => Network(context, run),
        _ => run.Binding.NetworkName,
    };

    private static string Interface(PoolRun run, Bound bound)
    {
        var nic = run.NicSnapshot;
        return Text($"interface {run.Binding.Nic.Name} holds at most {bound.Limit} ipConfigurations, has {nic.Owned.Length} of ours and {nic.Foreign.Length} of the node itself and others");
    }

    private static string Network(OperatorContext context, PoolRun run)
    {
        var state = run.Budget.State;
        // The object's limit has the operator's in it already.
        var source = state.Limit == context.Settings.PerVirtualNetwork
            ? Text($"limit {state.Limit}")
            : Text($"podAddressLimit {state.Limit}");
        var others = Math.Max(state.UsedByOthers, state.ReservedForOthers);
        if (others > 0)
            source = Text($"{source}, {others} of them others'");
        return $"VirtualNetwork {run.Binding.NetworkName} ({source})";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

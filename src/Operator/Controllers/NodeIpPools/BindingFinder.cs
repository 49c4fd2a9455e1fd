using k8s.Models;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualMachines;
using Vnetcni.Operator.Azure.VirtualNetworks;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>What a search gave: a binding, ARM's error, or a verdict that only a person can change.</summary>
internal readonly record struct BindingResult(NodeBinding? Binding, ArmError? Error = null, Verdict? Verdict = null, string What = "");

/// <summary>Finds a node's interface: providerID → VM → interface → subnet → virtual network.</summary>
internal sealed class BindingFinder(
    OperatorContext context, VirtualMachineClient machines, NetworkInterfaceClient nics, NetworkDirectory directory, Ledgers ledgers)
{
    public async Task<BindingResult> FindAsync(NodeIpPool pool, EffectiveSettings settings, CancellationToken cancellationToken)
    {
        if (context.Nodes.Get(new ObjectKey(pool.Metadata.Name)) is not { } node)
            return await FromStatusAsync(pool, cancellationToken);
        var text = node.Spec?.ProviderID;
        if (!ProviderId.TryParse(text, out var id))
            return Unsupported($"node {node.Metadata.Name} has the providerID '{Cut(text)}', which is no Azure VM's (azure:///subscriptions/...): run the Azure cloud provider, or delete this pool");
        if (id.IsScaleSetVm)
            return Unsupported($"node {node.Metadata.Name} is an instance of the uniform scale set {id.Vm.Parent?.Name}; only standalone VMs and flexible scale sets are supported: use orchestration mode Flexible");

        var vm = await machines.GetAsync(id.Vm, cancellationToken);
        if (!vm.IsSuccess)
            return new BindingResult(null, vm.Error, What: $"read VM {id.Vm.Name}");
        var nicText = settings.InterfaceSelector == NetworkInterfaceSelectors.Named
            ? vm.Value.NetworkInterfaces.FirstOrDefault(n => Named(n.Id, settings.InterfaceName))?.Id
            : vm.Value.PrimaryNetworkInterface?.Id;
        if (!ResourceId.TryParse(nicText, out var nicId))
            return new BindingResult(null, Verdict: Verdicts.NoNic(settings.InterfaceName.Length == 0 ? $"(primary) of VM {id.Vm.Name}" : settings.InterfaceName));

        var nic = await nics.GetAsync(nicId, cancellationToken);
        if (!nic.IsSuccess)
            return new BindingResult(null, nic.Error, What: $"read interface {nicId.Name}");
        using var view = nic.Value;
        return await PlaceAsync(node, text!, vm.Value, nicId, view.Primary.SubnetId, settings, cancellationToken);
    }

    private async Task<BindingResult> PlaceAsync(
        V1Node node,
        string providerId,
        VirtualMachineView vm,
        ResourceId nic,
        string? subnetText,
        EffectiveSettings settings,
        CancellationToken cancellationToken)
    {
        if (!ResourceId.TryParse(subnetText, out var subnetId) || subnetId.Parent is not { } network || !network.IsOfType(VirtualNetworkClient.ResourceType))
            return Unsupported($"interface {nic.Name} names no subnet of a virtual network ('{Cut(subnetText)}')");
        var name = await directory.EnsureAsync(network, cancellationToken);
        var view = await directory.GetAsync(network, context.Settings.UsageInterval, cancellationToken);
        if (!view.IsSuccess)
            return new BindingResult(null, view.Error, What: $"read virtual network {network.Name}");
        var subnet = view.Value.Subnets.FirstOrDefault(s => s.Id.Equals(subnetId.ToString(), StringComparison.OrdinalIgnoreCase));
        if (ledgers.Get(name).Use(subnetId.ToString()))
            ledgers.Look(new ObjectKey(name));
        return new BindingResult(new NodeBinding
        {
            NodeUid = node.Metadata.Uid,
            ProviderId = providerId,
            VmId = vm.VmId,
            Zone = vm.Zone is null ? null : $"{vm.Location}-{vm.Zone}",
            Nic = nic,
            Network = network,
            NetworkName = name,
            Subnet = Describe(subnetId, subnet),
            ExcludedCidrs =
            [
                .. settings.ExcludedCidrs.Concat(view.Value.AddressPrefixes).Concat(view.Value.PeeredPrefixes)
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ],
        });
    }

    private async Task<BindingResult> FromStatusAsync(NodeIpPool pool, CancellationToken cancellationToken)
    {
        var status = pool.Status;
        var nic = status?.NetworkInterfaces is { Count: > 0 } all ? all[0] : null;
        if (nic?.Subnet is null || nic.VirtualNetwork is null
            || !ResourceId.TryParse(nic.Id, out var nicId)
            || !ResourceId.TryParse(nic.Subnet.Id, out var subnetId) || subnetId.Parent is not { } network)
        {
            return new BindingResult(null, Verdict: Verdicts.NoNode(pool.Metadata.Name));
        }

        return new BindingResult(new NodeBinding
        {
            ProviderId = status!.Node?.ProviderId ?? string.Empty,
            Nic = nicId,
            Network = network,
            NetworkName = await directory.EnsureAsync(network, cancellationToken),
            Subnet = nic.Subnet,
            ExcludedCidrs = status.Snat?.ExcludedCidrs ?? [],
        });
    }

    private static SubnetReference Describe(ResourceId id, SubnetView? subnet)
    {
        var cidr = subnet?.Prefixes.FirstOrDefault(static p => Cidr.TryParse(p, out var c) && c.Network.Bits == 32);
        return new SubnetReference
        {
            Id = id.ToString(),
            Name = id.Name,
            Cidr = cidr,
            // Azure's gateway is the first address after the network's.
            Gateway = cidr is null ? null : IpAddress.V4((uint)Cidr.Parse(cidr).Network.Value + 1).ToString(),
        };
    }

    private static bool Named(string id, string name) =>
        ResourceId.TryParse(id, out var parsed) && parsed.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static BindingResult Unsupported(string message) => new(null, Verdict: Verdicts.Unsupported(message));

    private static string Cut(string? text) => text is null ? string.Empty : text.Length <= 200 ? text : text[..200];
}

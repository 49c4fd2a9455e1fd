using k8s.Models;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Inventory;
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
    OperatorContext context, VirtualMachineClient machines, NetworkInterfaceClient nics, ArmInventory inventory, NetworkDirectory directory, Ledgers ledgers)
{
    /// <summary>How the message about a virtual network that cannot be read begins.</summary>
    public const string ReadNetwork = "read virtual network ";

    // A machine is in ARM long before its kubelet makes the Node.
    private static readonly TimeSpan ListAge = TimeSpan.FromMinutes(1);

    /// <summary>Finds the interface that a pool is about.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="settings">Which of the machine's interfaces it is.</param>
    /// <param name="afresh">By reads of the Node, the VM and the interface now, where a watch or a LIST may be of the past.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<BindingResult> FindAsync(NodeIpPool pool, EffectiveSettings settings, bool afresh, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(pool.Metadata.Name);
        if ((afresh ? await context.Api.GetAsync(KubeKinds.Nodes, key, cancellationToken) : context.Nodes.Get(key)) is not { } node)
            return await FromStatusAsync(pool, cancellationToken);
        var text = node.Spec?.ProviderID;
        if (!ProviderId.TryParse(text, out var id, out var fault))
            return Unsupported($"node {node.Metadata.Name} has the providerID '{Cut(text)}': {fault}; run the Azure cloud provider, or delete this pool");

        var vm = await MachineAsync(id.Vm, afresh, cancellationToken);
        if (!vm.IsSuccess)
            return new BindingResult(null, vm.Error, What: $"read VM {id.Vm.Name}");
        if (InterfaceOf(vm.Value, settings) is not { } nic)
            return new BindingResult(null, Verdict: Verdicts.NoNic(settings.InterfaceName.Length == 0 ? $"(primary) of VM {id.Vm.Name}" : settings.InterfaceName));
        var (there, error) = await InterfaceAsync(nic, afresh, cancellationToken);
        return error is null
            ? await PlaceAsync(node, text!, vm.Value, nic, there!, settings, cancellationToken)
            : new BindingResult(null, error, What: $"read interface {nic.Name}");
    }

    /// <summary>The interface that the settings choose; null when the VM has none such.</summary>
    public static ResourceId? InterfaceOf(VirtualMachineView vm, EffectiveSettings settings)
    {
        var text = settings.InterfaceSelector == NetworkInterfaceSelectors.Named
            ? vm.NetworkInterfaces.FirstOrDefault(n => Named(n.Id, settings.InterfaceName))?.Id
            : vm.PrimaryNetworkInterface?.Id;
        return ResourceId.TryParse(text, out var id) ? id : null;
    }

    private async Task<ArmResult<VirtualMachineView>> MachineAsync(ResourceId vm, bool afresh, CancellationToken cancellationToken) =>
        !afresh && vm.IsOfType(VirtualMachineClient.ResourceType) && await inventory.Machines.FindAsync(vm, ListAge, long.MinValue, cancellationToken) is { } listed
            ? new ArmResult<VirtualMachineView>(listed, null)
            : await machines.GetAsync(vm, cancellationToken);

    // One of the past is noticed by the read before the first write.
    private async Task<(ListedInterface? Interface, ArmError? Error)> InterfaceAsync(ResourceId nic, bool afresh, CancellationToken cancellationToken)
    {
        if (!afresh && nic.IsOfType(NetworkInterfaceClient.ResourceType)
            && await inventory.Interfaces.FindAsync(nic, ListAge, long.MinValue, cancellationToken) is { } listed)
        {
            return (listed, null);
        }

        var read = await nics.GetAsync(nic, cancellationToken);
        if (!read.IsSuccess)
            return (null, read.Error);
        using var view = read.Value;
        return (new ListedInterface(view.ETag, view.Primary.SubnetId, view.ResourceGuid), null);
    }

    private async Task<BindingResult> PlaceAsync(
        V1Node node,
        string providerId,
        VirtualMachineView vm,
        ResourceId nic,
        ListedInterface there,
        EffectiveSettings settings,
        CancellationToken cancellationToken)
    {
        if (!ResourceId.TryParse(there.SubnetId, out var subnetId) || subnetId.Parent is not { } network || !network.IsOfType(VirtualNetworkClient.ResourceType))
            return Unsupported($"interface {nic.Name} names no subnet of a virtual network ('{Cut(there.SubnetId)}')");
        var (name, fault) = await directory.EnsureAsync(network, cancellationToken);
        if (fault is not null)
            return new BindingResult(null, Verdict: Verdicts.NetworkInvalid(fault));
        var view = await directory.GetAsync(network, context.Settings.UsageInterval, cancellationToken);
        if (!view.IsSuccess)
            return new BindingResult(null, view.Error, What: $"{ReadNetwork}{network.Name}");
        var subnet = view.Value.Subnets.FirstOrDefault(s => s.Id.Equals(subnetId.ToString(), StringComparison.OrdinalIgnoreCase));
        if (ledgers.Get(name).Use(subnetId.ToString()))
            ledgers.Look(new ObjectKey(name));
        var (excluded, leftOut) = SnatExclusions.Of(settings.ExcludedCidrs, view.Value.AddressPrefixes, view.Value.PeeredPrefixes);
        return new BindingResult(new NodeBinding
        {
            NodeUid = node.Metadata.Uid,
            ProviderId = providerId,
            VmId = vm.VmId,
            Zone = vm.Zone is null ? null : $"{vm.Location}-{vm.Zone}",
            Nic = nic,
            Incarnation = there.ResourceGuid,
            Network = network,
            NetworkName = name,
            Subnet = Describe(subnetId, subnet),
            ExcludedCidrs = excluded,
            ExcludedCidrsLeftOut = leftOut,
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

        var (name, fault) = await directory.EnsureAsync(network, cancellationToken);
        if (fault is not null)
            return new BindingResult(null, Verdict: Verdicts.NetworkInvalid(fault));
        return new BindingResult(new NodeBinding
        {
            ProviderId = status!.Node?.ProviderId ?? string.Empty,
            Nic = nicId,
            Network = network,
            NetworkName = name,
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

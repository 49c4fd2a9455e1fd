namespace Vnetcni.Operator.Preflight;

/// <summary>
/// Every right that the operator uses. The role in docs/install/azure-role has exactly these actions: a test compares its three forms with
/// this list. Source: https://learn.microsoft.com/azure/role-based-access-control/permissions/networking
/// </summary>
internal static class RequiredRights
{
    /// <summary>Name of the role, as the role definition gives it.</summary>
    internal const string RoleName = "vnetcni operator";

    private const string Network = "Microsoft.Network/";
    private const string Compute = "Microsoft.Compute/";
    private const string Set = Compute + "virtualMachineScaleSets/";

    /// <summary>All of them, in the order of the role definition.</summary>
    internal static IReadOnlyList<RequiredRight> All { get; } =
    [
        new("Microsoft.Authorization/permissions/read", RightPlace.Nodes, "preflight cannot tell what is given") { Optional = true },
        new("Microsoft.Authorization/denyAssignments/read", RightPlace.Nodes, "preflight cannot tell what is denied") { Optional = true },

        new(Network + "networkInterfaces/read", RightPlace.Nodes, "no interface can be read"),
        new(Network + "networkInterfaces/write", RightPlace.Nodes, "no address can be added or removed"),
        new(Network + "locations/operations/read", RightPlace.Nodes, "how a write ended is known only by reading the interface again") { Optional = true },
        new(Compute + "virtualMachines/read", RightPlace.Nodes, "a Node cannot be matched with its VM"),
        new(Set + "read", RightPlace.Nodes, "scale sets cannot be listed") { UniformOnly = true },
        new(Set + "networkInterfaces/read", RightPlace.Nodes, "addresses of scale set VMs cannot be listed") { UniformOnly = true },
        new(Set + "virtualMachines/read", RightPlace.Nodes, "the model of a scale set VM cannot be read") { UniformOnly = true },
        new(Set + "virtualMachines/write", RightPlace.Nodes, "no address can be added to a scale set VM") { UniformOnly = true },
        new(Set + "virtualMachines/networkInterfaces/read", RightPlace.Nodes, "addresses of a scale set VM cannot be read") { UniformOnly = true },
        new(Compute + "locations/operations/read", RightPlace.Nodes, "how a write ended is known only by reading the VM again") { UniformOnly = true, Optional = true },

        new(Network + "virtualNetworks/read", RightPlace.Network, "prefixes, peerings and subnets are unknown"),
        new(Network + "virtualNetworks/usages/read", RightPlace.Network, "how full a subnet is is unknown"),
        new(Network + "virtualNetworks/checkIpAddressAvailability/read", RightPlace.Network, "a free address cannot be checked") { Optional = true },
        new(Network + "virtualNetworks/subnets/read", RightPlace.Network, "subnets cannot be read alone"),
        new(Network + "virtualNetworks/subnets/join/action", RightPlace.Network, "every write of an interface in the subnet is refused"),

        new(Network + "networkSecurityGroups/join/action", RightPlace.Linked, "writes of interfaces with this security group are refused") { LinkedType = Network + "networkSecurityGroups" },
        new(Network + "applicationSecurityGroups/joinIpConfiguration/action", RightPlace.Linked, "writes of interfaces in this application security group are refused") { LinkedType = Network + "applicationSecurityGroups" },
        new(Network + "publicIPAddresses/join/action", RightPlace.Linked, "writes of interfaces with this public address are refused") { LinkedType = Network + "publicIPAddresses" },
        new(Network + "loadBalancers/backendAddressPools/join/action", RightPlace.Linked, "writes of interfaces in this pool are refused") { LinkedType = Network + "loadBalancers/backendAddressPools" },
        new(Network + "loadBalancers/inboundNatRules/join/action", RightPlace.Linked, "writes of interfaces with this rule are refused") { LinkedType = Network + "loadBalancers/inboundNatRules" },
        new(Network + "loadBalancers/inboundNatPools/join/action", RightPlace.Linked, "writes of scale set VMs with this pool are refused") { UniformOnly = true, LinkedType = Network + "loadBalancers/inboundNatPools" },
        new("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", RightPlace.Linked, "writes of scale set VMs with this identity are refused") { UniformOnly = true, LinkedType = "Microsoft.ManagedIdentity/userAssignedIdentities" },
    ];
}

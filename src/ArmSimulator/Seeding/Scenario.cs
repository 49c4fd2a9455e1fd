using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Authorization;

namespace Vnetcni.ArmSimulator.Seeding;

/// <summary>Resources that a simulator starts with or gets later. Seeding bypasses quotas and etags; Azure's limits hold.</summary>
public sealed record Scenario
{
    // Setters, not init: the JSON source generator overwrites the default of an init-only property that is absent.
    /// <summary>Subscription id of all resources.</summary>
    public string Subscription { get; set; } = "00000000-0000-0000-0000-000000000001";

    /// <summary>Resource group of the resources that name none.</summary>
    public string ResourceGroup { get; set; } = "vnetcni";

    /// <summary>Azure region.</summary>
    public string Location { get; set; } = "westeurope";

    /// <summary>Virtual networks.</summary>
    public IReadOnlyList<ScenarioVnet> Vnets { get; set; } = [];

    /// <summary>Scale sets with Uniform orchestration; Flexible ones need no entry.</summary>
    public IReadOnlyList<ScenarioScaleSet> ScaleSets { get; set; } = [];

    /// <summary>Virtual machines.</summary>
    public IReadOnlyList<ScenarioVm> Vms { get; set; } = [];

    /// <summary>Network interfaces.</summary>
    public IReadOnlyList<ScenarioNic> Nics { get; set; } = [];

    /// <summary>Further resource groups that exist.</summary>
    public IReadOnlyList<string> ResourceGroups { get; set; } = [];

    /// <summary>Rights; empty lets everyone do everything.</summary>
    public IReadOnlyList<SimRoleAssignment> RoleAssignments { get; set; } = [];

    /// <summary>What is denied whatever the roles say.</summary>
    public IReadOnlyList<SimDenyAssignment> DenyAssignments { get; set; } = [];
}

/// <summary>A virtual network.</summary>
/// <param name="Name">Name.</param>
/// <param name="AddressPrefixes">IPv4 prefixes of its address space.</param>
/// <param name="Subnets">Subnets, within the address space and apart from each other.</param>
public sealed record ScenarioVnet(string Name, IReadOnlyList<string> AddressPrefixes, IReadOnlyList<ScenarioSubnet> Subnets)
{
    /// <summary>Resource group; null for the scenario's.</summary>
    public string? ResourceGroup { get; set; }

    /// <summary>Peerings with other virtual networks.</summary>
    public IReadOnlyList<ScenarioPeering> Peerings { get; set; } = [];
}

/// <summary>A subnet.</summary>
/// <param name="Name">Name.</param>
/// <param name="AddressPrefix">IPv4 prefix.</param>
public sealed record ScenarioSubnet(string Name, string AddressPrefix)
{
    /// <summary>Anything but Succeeded makes PUTs that use it fail with ReferencedResourceNotProvisioned.</summary>
    public string ProvisioningState { get; set; } = "Succeeded";
}

/// <summary>A peering.</summary>
/// <param name="Name">Name.</param>
/// <param name="RemoteVnet">Id of the other virtual network; it need not exist in the simulator.</param>
/// <param name="RemoteAddressPrefixes">Its IPv4 prefixes.</param>
public sealed record ScenarioPeering(string Name, string RemoteVnet, IReadOnlyList<string> RemoteAddressPrefixes)
{
    /// <summary>Initiated, Connected or Disconnected.</summary>
    public string State { get; set; } = "Connected";
}

/// <summary>A scale set with Uniform orchestration.</summary>
/// <param name="Name">Name.</param>
public sealed record ScenarioScaleSet(string Name)
{
    /// <summary>Resource group; null for the scenario's.</summary>
    public string? ResourceGroup { get; set; }
}

/// <summary>A virtual machine.</summary>
/// <param name="Name">Name; of a VM of a Uniform scale set <c>{scale set}/{instance id}</c>.</param>
public sealed record ScenarioVm(string Name)
{
    /// <summary>Resource group; null for the scenario's.</summary>
    public string? ResourceGroup { get; set; }

    /// <summary>Unique id of the VM; null draws one from the seed.</summary>
    public string? VmId { get; set; }

    /// <summary>running, stopped or deallocated.</summary>
    public string PowerState { get; set; } = "running";

    /// <summary>Size.</summary>
    public string Size { get; set; } = "Standard_D4s_v5";

    /// <summary>Id of the Flexible scale set that it belongs to, or null.</summary>
    public string? VmScaleSet { get; set; }
}

/// <summary>A network interface.</summary>
/// <param name="Name">Name.</param>
/// <param name="Subnet">"vnet/subnet" in the scenario's resource group, or a subnet id.</param>
public sealed record ScenarioNic(string Name, string Subnet)
{
    /// <summary>Resource group; null for the scenario's.</summary>
    public string? ResourceGroup { get; set; }

    /// <summary>Name of the VM in the same resource group (<c>{scale set}/{instance id}</c> in a Uniform scale set), or its id; null leaves the NIC detached. A VM's first NIC is its primary.</summary>
    public string? Vm { get; set; }

    /// <summary>MAC address as Azure writes it (00-0D-3A-…); null draws one from the seed.</summary>
    public string? Mac { get; set; }

    /// <summary>Name of the primary ipConfiguration.</summary>
    public string PrimaryName { get; set; } = "ipconfig1";

    /// <summary>Address of the primary ipConfiguration; null assigns one.</summary>
    public string? Address { get; set; }

    /// <summary>Further ipConfigurations: name → address, or null to assign one.</summary>
    public IReadOnlyDictionary<string, string?> Secondary { get; set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>JSON that is merged into the body, such as tags or properties that no schema names; null for none.</summary>
    public JsonObject? Extra { get; set; }
}

/// <summary>A scenario that cannot be built; the message names the resource and the reason.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>An error without text.</summary>
    public ScenarioException()
    {
    }

    /// <summary>An error with its reason.</summary>
    public ScenarioException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and cause.</summary>
    public ScenarioException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

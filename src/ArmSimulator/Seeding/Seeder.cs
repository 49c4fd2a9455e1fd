using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Compute;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Network;

namespace Vnetcni.ArmSimulator.Seeding;

/// <summary>Builds a scenario's resources. What exists already is an error, so that a scenario means the same each time.</summary>
internal sealed class Seeder(World world, NicTable nics, TimeProvider time)
{
    public void Build(Scenario scenario)
    {
        foreach (var vnet in scenario.Vnets)
            Add(scenario, vnet);
        foreach (var set in scenario.ScaleSets)
            Add(scenario, set);
        foreach (var vm in scenario.Vms)
            Add(scenario, vm);
        foreach (var nic in scenario.Nics)
            Add(scenario, nic);
        foreach (var group in scenario.ResourceGroups)
            world.Know(ResourceId.Vnet(scenario.Subscription, Name(group, "Resource group"), "none"));
        foreach (var role in scenario.RoleAssignments)
            world.Access.Add(role);
        foreach (var deny in scenario.DenyAssignments)
            world.Access.Add(deny);
    }

    /// <summary>Gives a virtual network other ranges or peerings; null leaves them.</summary>
    public void Change(VirtualNetwork vnet, IReadOnlyList<string>? addressPrefixes, IReadOnlyList<ScenarioPeering>? peerings)
    {
        if (addressPrefixes is not null)
        {
            var space = addressPrefixes.Select(p => Prefix(p, vnet.Id.Name)).ToList();
            if (vnet.Subnets.Values.FirstOrDefault(s => !space.Exists(p => p.Contains(s.Prefix))) is { } outside)
                throw new ScenarioException($"Subnet {outside.Id.ChildName} ({outside.Prefix}) would be outside the address space of VNet {vnet.Id.Name}.");
            vnet.Properties["addressSpace"] = AddressSpace(addressPrefixes);
        }

        if (peerings is not null)
            vnet.Properties["virtualNetworkPeerings"] = Peerings(vnet.Id, peerings);
        vnet.Etag = NewEtag();
    }

    private string NewEtag() => $"W/\"{nics.Ids.NextGuid()}\"";

    private static JsonObject AddressSpace(IReadOnlyList<string> prefixes) => new() { ["addressPrefixes"] = Strings(prefixes) };

    private static JsonArray Peerings(ResourceId vnet, IReadOnlyList<ScenarioPeering> all)
    {
        var peerings = new JsonArray();
        foreach (var peering in all)
            peerings.Push(Peering(vnet, peering));
        return peerings;
    }

    private void Add(Scenario scenario, ScenarioVnet vnet)
    {
        var id = ResourceId.Vnet(scenario.Subscription, vnet.ResourceGroup ?? scenario.ResourceGroup, Name(vnet.Name, "VNet"));
        if (world.Vnets.ContainsKey(id.Key))
            throw new ScenarioException($"VNet {vnet.Name} exists already.");
        var space = vnet.AddressPrefixes.Select(p => Prefix(p, vnet.Name)).ToList();
        var properties = new JsonObject
        {
            ["addressSpace"] = AddressSpace(vnet.AddressPrefixes),
            ["virtualNetworkPeerings"] = Peerings(id, vnet.Peerings),
        };
        var network = new VirtualNetwork(id, scenario.Location, properties) { Etag = NewEtag() };
        foreach (var subnet in vnet.Subnets)
        {
            var prefix = Prefix(subnet.AddressPrefix, subnet.Name);
            if (!space.Exists(p => p.Contains(prefix)))
                throw new ScenarioException($"Subnet {subnet.Name} ({prefix}) is outside the address space of VNet {vnet.Name}.");
            if (network.Subnets.Values.FirstOrDefault(s => s.Prefix.Overlaps(prefix)) is { } other)
                throw new ScenarioException($"Subnet {subnet.Name} ({prefix}) overlaps subnet {other.Id.ChildName} ({other.Prefix}).");
            if (!network.Subnets.TryAdd(subnet.Name, new Subnet(id.Child("subnets", Name(subnet.Name, "Subnet")), prefix) { ProvisioningState = subnet.ProvisioningState }))
                throw new ScenarioException($"VNet {vnet.Name} has two subnets named {subnet.Name}.");
        }

        world.Know(id);
        world.Vnets.Add(network.Key, network);
    }

    private void Add(Scenario scenario, ScenarioScaleSet set)
    {
        var id = ResourceId.ScaleSet(scenario.Subscription, set.ResourceGroup ?? scenario.ResourceGroup, Name(set.Name, "Scale set"));
        if (!world.ScaleSets.TryAdd(id.Key, new ScaleSet(id, scenario.Location)))
            throw new ScenarioException($"Scale set {set.Name} exists already.");
        world.Know(id);
    }

    private static ResourceId VmId(Scenario scenario, string? group, string name)
    {
        group ??= scenario.ResourceGroup;
        return name.Split('/') is [var set, var instance]
            ? ResourceId.ScaleSet(scenario.Subscription, group, Name(set, "Scale set")).Child(ResourceId.Instances, Name(instance, "Instance"))
            : ResourceId.Vm(scenario.Subscription, group, Name(name, "VM"));
    }

    private void Add(Scenario scenario, ScenarioVm vm)
    {
        var id = VmId(scenario, vm.ResourceGroup, vm.Name);
        if (id.IsInstance && (!world.ScaleSets.ContainsKey(id.Parent.Key) || !id.ChildName!.All(char.IsAsciiDigit)))
            throw new ScenarioException($"VM {vm.Name}: there is no such Uniform scale set, or the instance id is not a number.");
        var machine = new VirtualMachine(id, scenario.Location, vm.VmId ?? nics.Ids.NextGuid().ToString())
        {
            Size = vm.Size,
            ScaleSet = vm.VmScaleSet,
            PowerState = vm.PowerState,
            Instance = id.IsInstance ? new ScaleSetInstance() : null,
        };
        if (!world.Vms.TryAdd(machine.Key, machine))
            throw new ScenarioException($"VM {vm.Name} exists already.");
        world.Know(id);
        if (machine.Instance is not null)
            ScaleSetTable.Begin(machine, time.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture));
    }

    private void Add(Scenario scenario, ScenarioNic nic)
    {
        var group = nic.ResourceGroup ?? scenario.ResourceGroup;
        var vmId = nic.Vm is null ? null : nic.Vm.StartsWith('/') ? ResourceId.TryParse(nic.Vm) : VmId(scenario, group, nic.Vm);
        var id = vmId is { IsInstance: true }
            ? vmId.Child("networkInterfaces", Name(nic.Name, "NIC"))
            : ResourceId.Nic(scenario.Subscription, group, Name(nic.Name, "NIC"));
        if (world.Nics.ContainsKey(id.Key))
            throw new ScenarioException($"NIC {nic.Name} exists already.");
        VirtualMachine? vm = null;
        if (nic.Vm is not null)
        {
            vm = (vmId is null ? null : world.Vms.GetValueOrDefault(vmId.Key)) ?? throw new ScenarioException($"NIC {nic.Name} names VM {nic.Vm}, which does not exist.");
        }

        try
        {
            var body = Body(scenario, nic);
            var plan = nics.Plan(id, null, vm?.Key, body);
            var made = nics.Create(id, scenario.Location, plan, nic.Mac);
            made.Vm = vm?.Key;
            made.PrimaryOfVm = vm is { Nics.Count: 0 };
            vm?.Nics.Add(id.ToString());
            nics.Commit(made, plan, body, "Succeeded", byForeigner: true);
            if (vm?.Instance is not null)
                ScaleSetTable.Adopt(vm, made);
        }
        catch (Exception e) when (e is ArmError or JsonException)
        {
            throw new ScenarioException($"NIC {nic.Name}: {e.Message}", e);
        }
    }

    private static JsonObject Body(Scenario scenario, ScenarioNic nic)
    {
        var subnet = nic.Subnet.StartsWith('/') ? nic.Subnet
            : nic.Subnet.Split('/') is [var vnet, var name] ? ResourceId.Vnet(scenario.Subscription, scenario.ResourceGroup, vnet).Child("subnets", name).ToString()
            : throw new ScenarioException($"NIC {nic.Name}: subnet \"{nic.Subnet}\" is neither \"vnet/subnet\" nor an id.");
        var configurations = new JsonArray();
        configurations.Push(Configuration(nic.PrimaryName, nic.Address, subnet, primary: true));
        foreach (var (name2, address) in nic.Secondary.OrderBy(static s => s.Key, StringComparer.Ordinal))
            configurations.Push(Configuration(name2, address, subnet, primary: false));
        var body = new JsonObject
        {
            ["location"] = scenario.Location,
            ["properties"] = new JsonObject
            {
                ["ipConfigurations"] = configurations,
                ["dnsSettings"] = new JsonObject { ["dnsServers"] = new JsonArray(), ["appliedDnsServers"] = new JsonArray() },
                ["enableAcceleratedNetworking"] = false,
                ["enableIPForwarding"] = false,
                ["nicType"] = "Standard",
                ["allowPort25Out"] = false,
            },
        };
        if (nic.Extra is not null)
            Json.Merge(body, UntrustedJson.Copy(nic.Extra));
        return body;
    }

    private static JsonObject Configuration(string name, string? address, string subnet, bool primary)
    {
        var properties = new JsonObject
        {
            ["privateIPAllocationMethod"] = address is null ? "Dynamic" : "Static",
            ["subnet"] = Json.Ref(subnet),
            ["primary"] = primary,
            ["privateIPAddressVersion"] = "IPv4",
        };
        if (address is not null)
            properties["privateIPAddress"] = address;
        return new JsonObject { ["name"] = name, ["properties"] = properties };
    }

    private static JsonObject Peering(ResourceId vnet, ScenarioPeering peering) => new()
    {
        ["name"] = peering.Name,
        ["id"] = $"{vnet}/virtualNetworkPeerings/{peering.Name}",
        ["properties"] = new JsonObject
        {
            ["provisioningState"] = "Succeeded",
            ["peeringState"] = peering.State,
            ["remoteVirtualNetwork"] = Json.Ref(peering.RemoteVnet),
            ["remoteAddressSpace"] = new JsonObject { ["addressPrefixes"] = Strings(peering.RemoteAddressPrefixes) },
            ["remoteVirtualNetworkAddressSpace"] = new JsonObject { ["addressPrefixes"] = Strings(peering.RemoteAddressPrefixes) },
        },
    };

    private static JsonArray Strings(IReadOnlyList<string> values)
    {
        var array = new JsonArray();
        foreach (var value in values)
            array.Push(JsonValue.Create(value));
        return array;
    }

    private static Ipv4Prefix Prefix(string text, string of) =>
        Ipv4Prefix.TryParse(text, out var prefix) ? prefix : throw new ScenarioException($"{of}: \"{text}\" is not an IPv4 prefix whose host bits are zero.");

    private static string Name(string? name, string kind) =>
        Requested.IsName(name) ? name! : throw new ScenarioException($"{kind} name \"{name}\" is not valid: 1 to 80 letters, digits, '.', '-' or '_'.");
}

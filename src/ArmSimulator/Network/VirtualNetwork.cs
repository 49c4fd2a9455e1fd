using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>A virtual network with its subnets in name order.</summary>
internal sealed class VirtualNetwork(ResourceId id, string location, JsonObject seeded)
{
    public ResourceId Id { get; } = id;

    public string Key { get; } = id.Key;

    public string Location { get; } = location;

    public required string Etag { get; set; }

    /// <summary>addressSpace, virtualNetworkPeerings and what else the seed gave; subnets are rendered apart.</summary>
    public JsonObject Properties { get; } = seeded;

    public SortedDictionary<string, Subnet> Subnets { get; } = new(StringComparer.OrdinalIgnoreCase);

    public int AddressCount
    {
        get
        {
            var count = 0;
            foreach (var subnet in Subnets.Values)
                count += subnet.Owners.Count;
            return count;
        }
    }

    public JsonObject Render(int listAtMost)
    {
        var properties = (JsonObject)Properties.DeepClone();
        properties["provisioningState"] = "Succeeded";
        var subnets = new JsonArray();
        foreach (var subnet in Subnets.Values)
            subnets.Push(RenderSubnet(subnet, listAtMost));
        properties["subnets"] = subnets;
        return new JsonObject
        {
            ["name"] = Id.Name,
            ["id"] = Id.ToString(),
            ["etag"] = Etag,
            ["type"] = "Microsoft.Network/virtualNetworks",
            ["location"] = Location,
            ["properties"] = properties,
        };
    }

    public JsonObject RenderSubnet(Subnet subnet, int listAtMost)
    {
        var properties = new JsonObject
        {
            ["provisioningState"] = subnet.ProvisioningState,
            ["addressPrefix"] = subnet.Prefix.ToString(),
        };
        if (subnet.Owners.Count is > 0 && subnet.Owners.Count <= listAtMost)
        {
            var configurations = new JsonArray();
            foreach (var owner in subnet.Owners.Values)
                configurations.Push(Json.Ref(owner));
            properties["ipConfigurations"] = configurations;
        }

        properties["delegations"] = new JsonArray();
        return new JsonObject
        {
            ["name"] = subnet.Id.ChildName,
            ["id"] = subnet.Id.ToString(),
            ["etag"] = Etag,
            ["properties"] = properties,
            ["type"] = "Microsoft.Network/virtualNetworks/subnets",
        };
    }
}

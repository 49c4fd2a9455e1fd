using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>Makes a NIC's body: what the client sent stays, what only Azure sets is put over it.</summary>
internal static class NicJson
{
    /// <summary>Members of properties that a client cannot write.</summary>
    public static readonly IReadOnlyList<string> ReadOnly =
    [
        "provisioningState", "resourceGuid", "macAddress", "primary", "virtualMachine", "hostedWorkloads", "tapConfigurations",
        "privateEndpoint", "dscpConfiguration", "vnetEncryptionSupported",
    ];

    public static byte[] Render(Nic nic, NicPlan plan, JsonObject sent, JsonObject? before, string? vmId)
    {
        var body = (JsonObject)sent.DeepClone();
        body["name"] = nic.Id.OwnName;
        body["id"] = nic.Id.ToString();
        body["etag"] = nic.Etag;
        body["type"] = "Microsoft.Network/networkInterfaces";
        body["location"] = nic.Location;
        var properties = (JsonObject)body["properties"]!;
        foreach (var name in ReadOnly)
        {
            properties.Remove(name);
            if (before?["properties"] is JsonObject old && old.TryGetPropertyValue(name, out var value))
                properties[name] = value?.DeepClone();
        }

        properties["provisioningState"] = nic.State;
        properties["resourceGuid"] = nic.ResourceGuid;
        properties["macAddress"] = nic.Mac;
        properties["primary"] = nic.PrimaryOfVm;
        properties["hostedWorkloads"] ??= new JsonArray();
        if (vmId is not null)
            properties["virtualMachine"] = Json.Ref(vmId);
        var configurations = new JsonArray();
        foreach (var (configuration, json) in plan.Configurations)
            configurations.Push(Configuration(nic, configuration, (JsonObject)json.DeepClone()));
        properties["ipConfigurations"] = configurations;
        body["properties"] = Json.InOrder(properties, "provisioningState", "resourceGuid", "ipConfigurations");
        return Json.Utf8(Json.InOrder(body, "name", "id", "etag", "type", "location", "kind", "tags", "properties"));
    }

    /// <summary>The same body in another provisioning state; the etag is <see cref="Nic.Etag"/>.</summary>
    public static byte[] WithState(Nic nic, ReadOnlySpan<byte> body)
    {
        var json = Json.ParseObject(body);
        json["etag"] = nic.Etag;
        var properties = (JsonObject)json["properties"]!;
        properties["provisioningState"] = nic.State;
        foreach (var node in properties.Array("ipConfigurations")!)
        {
            node!["etag"] = nic.Etag;
            node["properties"]!["provisioningState"] = nic.State;
        }

        return Json.Utf8(json);
    }

    private static JsonObject Configuration(Nic nic, IpConfiguration configuration, JsonObject json)
    {
        json["name"] = configuration.Name;
        json["id"] = nic.ConfigurationId(configuration.Name);
        json["etag"] = nic.Etag;
        json["type"] = "Microsoft.Network/networkInterfaces/ipConfigurations";
        var properties = (JsonObject)json["properties"]!;
        properties["provisioningState"] = nic.State;
        properties["privateIPAddress"] = Ipv4.Format(configuration.Address);
        properties["privateIPAllocationMethod"] =
            string.Equals(properties.String("privateIPAllocationMethod"), "Static", StringComparison.OrdinalIgnoreCase) ? "Static" : "Dynamic";
        properties["subnet"]!["id"] = nic.Subnet.Id.ToString();
        properties["primary"] = configuration.Primary;
        properties["privateIPAddressVersion"] = "IPv4";
        json["properties"] = Json.InOrder(properties, "provisioningState", "privateIPAddress", "privateIPAllocationMethod");
        return Json.InOrder(json, "name", "id", "etag", "type", "properties");
    }
}

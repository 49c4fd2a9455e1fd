using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Azure;

/// <summary>
/// What others have on an interface: tags, security groups, load balancer pools, a public address, properties that no published schema
/// names. Seeded into worlds of tests, whose simulator notes every write that changes any of it.
/// </summary>
public static class ForeignParts
{
    /// <summary>JSON to merge into a scenario's interface.</summary>
    /// <param name="network">Id of the virtual network, without a slash at the end.</param>
    /// <param name="subnet">Name of the subnet of the primary ipConfiguration.</param>
    public static JsonObject Of(string network, string subnet)
    {
        var provider = network[..network.IndexOf("/virtualNetworks", StringComparison.OrdinalIgnoreCase)];
        JsonObject Id(string path) => new() { ["id"] = $"{provider}/{path}" };
        return new JsonObject
        {
            ["tags"] = new JsonObject { ["owner"] = "others", ["Ünïcode"] = "\u2603 \"quoted\"" },
            ["properties"] = new JsonObject
            {
                ["networkSecurityGroup"] = Id("networkSecurityGroups/nodes"),
                ["novel"] = new JsonArray(1, new JsonObject { ["x"] = null, ["y"] = 1.50 }),
                ["ipConfigurations"] = new JsonArray(new JsonObject
                {
                    ["name"] = "ipconfig1",
                    ["properties"] = new JsonObject
                    {
                        ["privateIPAllocationMethod"] = "Dynamic",
                        ["subnet"] = new JsonObject { ["id"] = $"{network}/subnets/{subnet}" },
                        ["primary"] = true,
                        ["privateIPAddressVersion"] = "IPv4",
                        ["publicIPAddress"] = Id("publicIPAddresses/node"),
                        ["loadBalancerBackendAddressPools"] = new JsonArray(Id("loadBalancers/web/backendAddressPools/nodes")),
                        ["novelToo"] = "kept",
                    },
                }),
            },
        };
    }
}

using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Addressing;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>
/// The section <c>ipam</c> of another main plug-in's configuration, with host-local's names: <c>subnet</c>, <c>gateway</c>, <c>routes</c>.
/// </summary>
/// <param name="Subnet">What the main plug-in shall take for the pod's subnet; null: the one that the pool tells.</param>
/// <param name="Routes">As they came; null: a default route.</param>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#section-4-plugin-delegation</remarks>
internal sealed record IpamSettings(PodSubnet? Subnet, IReadOnlyList<JsonElement>? Routes)
{
    private const string OwnType = "vnetcni";

    /// <summary>The section, when <c>type</c> names another plug-in and <c>ipam.type</c> names us; else null.</summary>
    /// <exception cref="CniException">Decode or InvalidConfig.</exception>
    public static IpamSettings? Read(JsonElement root)
    {
        if (root.Optional("ipam") is not { ValueKind: JsonValueKind.Object } ipam || ipam.OptionalString("type") != OwnType
            || root.OptionalString("type") == OwnType)
            return null;
        return new IpamSettings(ReadSubnet(ipam.OptionalString("subnet"), ipam.OptionalString("gateway")), ReadRoutes(ipam));
    }

    private static PodSubnet? ReadSubnet(string range, string gateway)
    {
        if (range.Length == 0 && gateway.Length == 0)
            return null;
        return PodSubnet.TryParse(range, gateway) ?? throw new CniException(
            CniErrorCode.InvalidConfig,
            "ipam.subnet and ipam.gateway are not an IPv4 subnet and an address in it",
            $"subnet \"{Cut(range)}\", gateway \"{Cut(gateway)}\"; wanted is a subnet such as 10.1.0.0/24 (at most /30; IPv6 is not served), and a gateway in it or none");
    }

    private static List<JsonElement>? ReadRoutes(JsonElement ipam)
    {
        if (ipam.OptionalArray("routes") is not { } array)
            return null;
        List<JsonElement> routes = [];
        foreach (var route in array.EnumerateArray())
        {
            if (route.ValueKind != JsonValueKind.Object || !Cidr.TryParse(route.OptionalString("dst"), out _))
                throw JsonFields.Wrong("ipam.routes", route, "a list of objects with dst, such as {\"dst\": \"0.0.0.0/0\"}");
            PreviousResult.RequireWritable(route, "ipam.routes");
            routes.Add(route);
        }

        return routes;
    }

    private static string Cut(string text) => text.Length <= 64 ? text : text[..64] + "...";
}

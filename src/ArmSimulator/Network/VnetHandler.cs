using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>Reads of virtual networks and subnets; they are made by seeding.</summary>
internal sealed class VnetHandler(World world, SimSettings settings)
{
    // How many free addresses CheckIPAddressAvailability offers.
    private const int Offered = 5;

    public Reply Get(Call call)
    {
        var vnet = world.RequireVnet(call.Route.Id!);
        call.Headers.Add(new("ETag", vnet.Etag));
        return Reply.Ok(vnet.Render(settings.SubnetListsAtMost));
    }

    public Reply List(Call call)
    {
        var route = call.Route;
        var inScope = world.Vnets.Where(v =>
            Same(v.Value.Id.Subscription, route.Subscription) && (route.Group is null || Same(v.Value.Id.ResourceGroup, route.Group)));
        return Paging.Page(call, inScope, settings.PageSize, v => v.Render(settings.SubnetListsAtMost));
    }

    public Reply GetSubnet(Call call)
    {
        var id = call.Route.Id!;
        var vnet = world.RequireVnet(id.Parent);
        var subnet = vnet.Subnets.GetValueOrDefault(id.ChildName!) ?? throw ArmErrors.ResourceNotFound(id);
        call.Headers.Add(new("ETag", vnet.Etag));
        return Reply.Ok(vnet.RenderSubnet(subnet, settings.SubnetListsAtMost));
    }

    public Reply ListSubnets(Call call)
    {
        var vnet = world.RequireVnet(call.Route.Id!);
        var sorted = vnet.Subnets.Values.Select(static s => KeyValuePair.Create(s.Key, s)).OrderBy(static s => s.Key, StringComparer.Ordinal);
        return Paging.Page(call, sorted, settings.PageSize, s => vnet.RenderSubnet(s, settings.SubnetListsAtMost));
    }

    public Reply Usages(Call call)
    {
        var vnet = world.RequireVnet(call.Route.Id!);
        var values = new JsonArray();
        foreach (var subnet in vnet.Subnets.Values)
        {
            values.Push(new JsonObject
            {
                ["currentValue"] = subnet.Owners.Count,
                ["id"] = subnet.Id.ToString(),
                ["limit"] = subnet.Capacity,
                ["name"] = new JsonObject { ["localizedValue"] = "Subnet size and usage", ["value"] = "SubnetSpace" },
                ["unit"] = "Count",
            });
        }

        return Reply.Ok(new JsonObject { ["value"] = values });
    }

    public Reply CheckAddress(Call call)
    {
        var vnet = world.RequireVnet(call.Route.Id!);
        if (!Ipv4.TryParse(call.Route.Query.GetValueOrDefault("ipAddress"), out var address))
            throw ArmErrors.BadFormat("The query parameter ipAddress is missing or is not an IPv4 address.", "ipAddress");
        var subnet = vnet.Subnets.Values.FirstOrDefault(s => s.Prefix.Contains(address))
            ?? throw ArmErrors.AddressNotInSubnet(Ipv4.Format(address), string.Join(",", vnet.Subnets.Values.Select(static s => s.Prefix.ToString())));
        var reserved = subnet.IsReserved(address);
        var available = !reserved && subnet.OwnerOf(address) is null;
        var body = new JsonObject { ["available"] = available, ["isPlatformReserved"] = reserved };
        if (!available)
        {
            var free = new JsonArray();
            for (var i = 0L; i < subnet.Prefix.Size && free.Count < Offered; i++)
            {
                var candidate = (uint)(subnet.Prefix.First + ((address - subnet.Prefix.First + i) % subnet.Prefix.Size));
                if (!subnet.IsReserved(candidate) && subnet.OwnerOf(candidate) is null)
                    free.Push(JsonValue.Create(Ipv4.Format(candidate)));
            }

            body["availableIPAddresses"] = free;
        }

        return Reply.Ok(body);
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

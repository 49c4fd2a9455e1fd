using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Throttling;

namespace Vnetcni.ArmSimulator.Authorization;

/// <summary>
/// The permissions API and deny assignments, and the check of every other request. Sources:
/// https://learn.microsoft.com/rest/api/authorization/permissions and https://learn.microsoft.com/rest/api/authorization/deny-assignments
/// </summary>
internal sealed class AccessHandler(AccessTable access)
{
    private const string Everyone = "00000000-0000-0000-0000-000000000000";
    private const string Network = "Microsoft.Network/";
    private const string Compute = "Microsoft.Compute/";

    // Which action a request to a route is, without its verb.
    private static readonly Dictionary<string, string> Actions = new(StringComparer.Ordinal)
    {
        [Route.Nic] = Network + "networkInterfaces",
        [Route.Nics] = Network + "networkInterfaces",
        [Route.Vnet] = Network + "virtualNetworks",
        [Route.Vnets] = Network + "virtualNetworks",
        [Route.Subnet] = Network + "virtualNetworks/subnets",
        [Route.Subnets] = Network + "virtualNetworks/subnets",
        [Route.Usages] = Network + "virtualNetworks/usages",
        [Route.CheckAddress] = Network + "virtualNetworks/checkIpAddressAvailability",
        [Route.Vm] = Compute + "virtualMachines",
        [Route.Vms] = Compute + "virtualMachines",
        [Route.VmInstanceView] = Compute + "virtualMachines/instanceView",
        [Route.ScaleSets] = Compute + "virtualMachineScaleSets",
        [Route.ScaleSet] = Compute + "virtualMachineScaleSets",
        [Route.ScaleSetNics] = Compute + "virtualMachineScaleSets/networkInterfaces",
        [Route.ScaleSetVms] = Compute + "virtualMachineScaleSets/virtualMachines",
        [Route.ScaleSetVm] = Compute + "virtualMachineScaleSets/virtualMachines",
        [Route.ScaleSetVmInstanceView] = Compute + "virtualMachineScaleSets/virtualMachines/instanceView",
        [Route.ScaleSetVmNics] = Compute + "virtualMachineScaleSets/virtualMachines/networkInterfaces",
        [Route.ScaleSetVmNic] = Compute + "virtualMachineScaleSets/virtualMachines/networkInterfaces",
        [Route.Permissions] = "Microsoft.Authorization/permissions",
        [Route.DenyAssignments] = "Microsoft.Authorization/denyAssignments",
    };

    // Member of a body that names a resource → the right that naming it needs.
    private static readonly Dictionary<string, string> Links = new(StringComparer.Ordinal)
    {
        ["subnet"] = Network + "virtualNetworks/subnets/join/action",
        ["networkSecurityGroup"] = Network + "networkSecurityGroups/join/action",
        ["publicIPAddress"] = Network + "publicIPAddresses/join/action",
        ["applicationSecurityGroups"] = Network + "applicationSecurityGroups/joinIpConfiguration/action",
        ["loadBalancerBackendAddressPools"] = Network + "loadBalancers/backendAddressPools/join/action",
        ["loadBalancerInboundNatRules"] = Network + "loadBalancers/inboundNatRules/join/action",
        ["loadBalancerInboundNatPools"] = Network + "loadBalancers/inboundNatPools/join/action",
    };

    /// <summary>Throws the 403 of a request that is not allowed. Polls of operations are never refused: that is not documented either way.</summary>
    public void Check(Call call)
    {
        if (access.IsOpen || !Actions.TryGetValue(call.Route.Template, out var resource))
            return;
        var scope = ScopeOf(call);
        var principal = PrincipalOf(call);
        var action = $"{resource}/{(call.Method switch { "GET" => "read", "DELETE" => "delete", _ => "write" })}";
        access.Require(action, scope, principal);
        if (call.Method != "PUT" || call.Request.Body.IsEmpty)
            return;
        foreach (var (link, id) in LinksOf(call))
            access.RequireLinked(action, scope, Links[link], id, principal);
    }

    /// <summary>GET {scope}/providers/Microsoft.Authorization/permissions.</summary>
    public Reply Permissions(Call call)
    {
        var scope = call.Route.Scope!;
        var values = new JsonArray();
        if (access.IsOpen)
            values.Push(Render(["*"], []));
        foreach (var role in access.RolesOn(scope, PrincipalOf(call)))
            values.Push(Render(role.Actions, role.NotActions));
        return Reply.Ok(new JsonObject { ["value"] = values });
    }

    /// <summary>GET {scope}/providers/Microsoft.Authorization/denyAssignments; with <c>$filter=atScope()</c> those on the scope and above.</summary>
    public Reply DenyAssignments(Call call)
    {
        var scope = call.Route.Scope!;
        var values = new JsonArray();
        var number = 0;
        foreach (var deny in access.Denies)
        {
            number++;
            var above = AccessTable.Reaches(deny.Scope, scope);
            if (above || (call.Route.Query.GetValueOrDefault("$filter") is null && AccessTable.Reaches(scope, deny.Scope)))
                values.Push(Render(deny, number));
        }

        return Reply.Ok(new JsonObject { ["value"] = values });
    }

    private static JsonObject Render(SimDenyAssignment deny, int number)
    {
        var name = $"00000000-0000-0000-0000-{number:x12}";
        return new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["denyAssignmentName"] = deny.Name,
                ["description"] = "",
                ["permissions"] = new JsonArray(Render(deny.Actions, deny.NotActions)),
                ["scope"] = deny.Scope,
                ["doNotApplyToChildScopes"] = deny.DoNotApplyToChildScopes,
                ["principals"] = Principals(deny.Principals.Count == 0 ? [Everyone] : deny.Principals),
                ["excludePrincipals"] = Principals(deny.ExcludePrincipals),
                ["isSystemProtected"] = true,
            },
            ["id"] = $"{deny.Scope}/providers/Microsoft.Authorization/denyAssignments/{name}",
            ["type"] = "Microsoft.Authorization/denyAssignments",
            ["name"] = name,
        };
    }

    private static JsonArray Principals(IReadOnlyList<string> ids)
    {
        var principals = new JsonArray();
        foreach (var id in ids)
            principals.Push(new JsonObject { ["id"] = id, ["type"] = id == Everyone ? "SystemDefined" : "ServicePrincipal" });
        return principals;
    }

    private static JsonObject Render(IReadOnlyList<string> actions, IReadOnlyList<string> notActions) => new()
    {
        ["actions"] = Strings(actions),
        ["notActions"] = Strings(notActions),
        ["dataActions"] = new JsonArray(),
        ["notDataActions"] = new JsonArray(),
    };

    private static JsonArray Strings(IReadOnlyList<string> texts)
    {
        var array = new JsonArray();
        foreach (var text in texts)
            array.Push(JsonValue.Create(text));
        return array;
    }

    private static string ScopeOf(Call call)
    {
        var route = call.Route;
        return route.Scope ?? route.Id?.ToString()
            ?? (route.Group is null ? $"/subscriptions/{route.Subscription}" : $"/subscriptions/{route.Subscription}/resourceGroups/{route.Group}");
    }

    private static string PrincipalOf(Call call) => Principal.Of(call.Request.Header("Authorization"));

    private static List<(string Link, string Id)> LinksOf(Call call)
    {
        var links = new List<(string Link, string Id)>();
        try
        {
            Walk(Json.ParseObject(call.Request.Body.Span), null, links);
        }
        catch (System.Text.Json.JsonException)
        {
            // What cannot be read names nothing; the resource refuses it in its own words.
            links.Clear();
        }

        return links;
    }

    private static void Walk(JsonNode? node, string? link, List<(string Link, string Id)> links)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Walk(item, link, links);
        }
        else if (node is JsonObject obj)
        {
            if (link is not null && obj.String("id") is { } id)
                links.Add((link, id));
            foreach (var (name, value) in obj)
                Walk(value, Links.ContainsKey(name) ? name : null, links);
        }
    }
}

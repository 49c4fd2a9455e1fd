using System.Text.Json;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Preflight;

/// <summary>
/// Asks ARM for each right that the operator will need, before it changes anything: on the nodes' resource groups, on the virtual networks
/// that their interfaces are in, and on everything else that these interfaces name.
/// </summary>
/// <param name="arm">ARM; only read.</param>
/// <param name="principal">Object id of the caller, or null when its token does not say.</param>
/// <param name="uniform">Whether there are nodes of Uniform scale sets.</param>
internal sealed class RightsCheck(IArm arm, string? principal, bool uniform)
{
    private const string SubnetType = "Microsoft.Network/virtualNetworks/subnets";
    private const string ScaleSets = "/providers/Microsoft.Compute/virtualMachineScaleSets";
    private readonly AuthorizationClient _client = new(arm);
    private readonly Dictionary<string, ArmResult<IReadOnlyList<ActionSet>>> _permissions = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ArmResult<IReadOnlyList<DenyAssignment>>> _denies = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _named = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Finding> _findings = [];
    private readonly List<string> _notes = [];

    /// <summary>What could not be looked at, for people.</summary>
    internal IReadOnlyList<string> Notes => _notes;

    /// <summary>Looks at everything. Throws as <see cref="IArm.SendAsync"/> does, and <see cref="FormatException"/> for a scope that does not exist.</summary>
    /// <param name="groups">Ids of resource groups with nodes.</param>
    /// <param name="networks">Virtual networks to look at beside those of the interfaces found.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    internal async Task<IReadOnlyList<Finding>> RunAsync(IReadOnlyList<string> groups, IReadOnlyList<ResourceId> networks, CancellationToken cancellationToken)
    {
        _named.UnionWith(groups);
        _named.UnionWith(networks.Select(n => n.ToString()));
        _named.UnionWith(networks.Select(GroupOf));
        var links = new LinkedResources();
        foreach (var group in groups)
        {
            foreach (var right in Needed(RightPlace.Nodes))
                await CheckAsync(right, group, group, cancellationToken);
            await ReadLinksAsync(group, links, cancellationToken);
        }

        HashSet<ResourceId> all = [.. networks, .. links.OfType(SubnetType).Select(subnet => subnet.Parent!), .. links.OfType(VirtualNetworkClient.ResourceType)];
        foreach (var network in all)
        {
            foreach (var right in Needed(RightPlace.Network))
                await CheckAsync(right, GroupOf(network), network.ToString(), cancellationToken);
        }

        foreach (var right in Needed(RightPlace.Linked))
        {
            foreach (var resource in links.OfType(right.LinkedType!))
                await CheckAsync(right, GroupOf(resource), resource.ToString(), cancellationToken);
        }

        if (all.Count == 0)
            _notes.Add("no interface was found, so no virtual network is known: name it with --networks");
        return _findings;
    }

    private IEnumerable<RequiredRight> Needed(RightPlace place) => RequiredRights.All.Where(r => r.Place == place && (uniform || !r.UniformOnly));

    /// <summary>Asks the group first, since one answer serves all that is in it, and the resource itself only where the group does not give the right.</summary>
    private async Task CheckAsync(RequiredRight right, string group, string scope, CancellationToken cancellationToken)
    {
        var given = await PermissionsAsync(group, cancellationToken);
        if (!Gives(given, right) && scope != group)
            given = await PermissionsAsync(scope, cancellationToken);
        if (!given.IsSuccess)
        {
            _findings.Add(new Finding(right, scope, FindingState.Unknown, given.Error.ToString()));
            return;
        }

        if (!Gives(given, right))
        {
            _findings.Add(new Finding(right, scope, FindingState.Missing));
            return;
        }

        var denies = await DeniesAsync(group, cancellationToken);
        var denied = denies.Value?.FirstOrDefault(d => d.Denies(right.Action, scope, principal));
        _findings.Add(denied is null ? new Finding(right, scope, FindingState.Given) : new Finding(right, scope, FindingState.Denied, $"{denied.Name} on {denied.Scope}"));
    }

    private static bool Gives(ArmResult<IReadOnlyList<ActionSet>> permissions, RequiredRight right) =>
        permissions.IsSuccess && permissions.Value.Any(set => set.Covers(right.Action));

    private async Task<ArmResult<IReadOnlyList<ActionSet>>> PermissionsAsync(string scope, CancellationToken cancellationToken)
    {
        if (_permissions.TryGetValue(scope, out var known))
            return known;
        var asked = await _client.GetPermissionsAsync(scope, cancellationToken);
        // What a person named wrongly ends the run; what only an interface names is told as unknown.
        if (asked.Error is { Status: 404 } gone && _named.Contains(scope))
            throw new FormatException($"{scope} does not exist, or not in this subscription: {gone}");
        return _permissions[scope] = asked;
    }

    private async Task<ArmResult<IReadOnlyList<DenyAssignment>>> DeniesAsync(string scope, CancellationToken cancellationToken)
    {
        if (_denies.TryGetValue(scope, out var known))
            return known;
        var asked = await _client.GetDenyAssignmentsAsync(scope, cancellationToken);
        if (!asked.IsSuccess)
            _notes.Add($"deny assignments on {scope} could not be read, so nothing is known about them: {asked.Error}");
        return _denies[scope] = asked;
    }

    private async Task ReadLinksAsync(string group, LinkedResources links, CancellationToken cancellationToken)
    {
        await TakeAsync($"{group}/providers/{NetworkInterfaceClient.ResourceType}?api-version={ArmApiVersions.Network}", links, cancellationToken);
        if (!uniform)
            return;
        var sets = await _client.ListAsync($"{group}{ScaleSets}?api-version={ArmApiVersions.Compute}", IdOf, cancellationToken);
        foreach (var set in sets.Value ?? [])
        {
            if (!ResourceId.TryParse(set, out var id))
                continue;
            await TakeAsync($"{id}/networkInterfaces?api-version={ArmApiVersions.ScaleSetNetwork}", links, cancellationToken);
            await TakeAsync($"{id}/virtualMachines?api-version={ArmApiVersions.Compute}", links, cancellationToken);
        }
    }

    private async Task TakeAsync(string path, LinkedResources links, CancellationToken cancellationToken)
    {
        var read = await _client.ListAsync(
            path,
            item =>
            {
                links.Take(item);
                return true;
            },
            cancellationToken);
        // A Flexible scale set has no interfaces of its own: they are found in the group.
        if (read.Error is { } error && error.Cause != ArmCause.NotFound)
            _notes.Add($"{path[..path.IndexOf('?', StringComparison.Ordinal)]} could not be listed, so what it names is unknown: {error}");
    }

    private static string? IdOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private static string GroupOf(ResourceId id) => $"/subscriptions/{id.SubscriptionId}/resourceGroups/{id.ResourceGroup}";
}

namespace Vnetcni.ArmSimulator.Core;

/// <summary>A request's path, understood.</summary>
/// <param name="Template">What the path names, e.g. <c>networkInterfaces/{name}</c>; faults and counters use it.</param>
/// <param name="Subscription">Subscription id.</param>
/// <param name="Group">Resource group, or null for lists of a whole subscription and for operations.</param>
/// <param name="Id">The resource, or the parent whose view is asked for; null for lists and operations.</param>
internal sealed record Route(string Template, string Subscription, string? Group, ResourceId? Id)
{
    public const string Nic = "networkInterfaces/{name}";
    public const string Nics = "networkInterfaces";
    public const string Vnet = "virtualNetworks/{name}";
    public const string Vnets = "virtualNetworks";
    public const string Subnet = "virtualNetworks/{name}/subnets/{name}";
    public const string Subnets = "virtualNetworks/{name}/subnets";
    public const string Usages = "virtualNetworks/{name}/usages";
    public const string CheckAddress = "virtualNetworks/{name}/CheckIPAddressAvailability";
    public const string Vm = "virtualMachines/{name}";
    public const string Vms = "virtualMachines";
    public const string VmInstanceView = "virtualMachines/{name}/instanceView";
    public const string ScaleSets = "virtualMachineScaleSets";
    public const string ScaleSet = "virtualMachineScaleSets/{name}";
    public const string ScaleSetNics = "virtualMachineScaleSets/{name}/networkInterfaces";
    public const string ScaleSetVms = "virtualMachineScaleSets/{name}/virtualMachines";
    public const string ScaleSetVm = "virtualMachineScaleSets/{name}/virtualMachines/{id}";
    public const string ScaleSetVmInstanceView = "virtualMachineScaleSets/{name}/virtualMachines/{id}/instanceView";
    public const string ScaleSetVmNics = "virtualMachineScaleSets/{name}/virtualMachines/{id}/networkInterfaces";
    public const string ScaleSetVmNic = "virtualMachineScaleSets/{name}/virtualMachines/{id}/networkInterfaces/{name}";
    public const string Operation = "operations/{id}";
    public const string OperationResult = "operationResults/{id}";
    public const string Permissions = "permissions";
    public const string DenyAssignments = "denyAssignments";
    public const string Unknown = "unknown";

    public const string Metadata = "metadata/instance";
    public const string Wireserver = "machine/plugins";

    /// <summary>Every template that a fault can name.</summary>
    public static readonly IReadOnlyList<string> Templates =
    [
        Nic, Nics, Vnet, Vnets, Subnet, Subnets, Usages, CheckAddress, Vm, Vms, VmInstanceView,
        ScaleSets, ScaleSet, ScaleSetNics, ScaleSetVms, ScaleSetVm, ScaleSetVmInstanceView, ScaleSetVmNics, ScaleSetVmNic, Operation, OperationResult,
        Permissions, DenyAssignments, Metadata, Wireserver, Unknown,
    ];

    public string Path { get; init; } = "";

    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string? OperationId { get; init; }

    public bool IsNetwork { get; init; }

    /// <summary>What permissions or deny assignments are asked about, or null.</summary>
    public string? Scope { get; init; }

    public static Route Parse(string pathAndQuery)
    {
        if (!pathAndQuery.StartsWith('/') && Uri.TryCreate(pathAndQuery, UriKind.Absolute, out var absolute))
            pathAndQuery = absolute.PathAndQuery;
        var mark = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? pathAndQuery : pathAndQuery[..mark];
        return Match(path) with { Path = path, Query = ParseQuery(mark < 0 ? "" : pathAndQuery[(mark + 1)..]) };
    }

    private static Route Match(string path)
    {
        var s = Array.ConvertAll(path.TrimEnd('/').Split('/'), static x => Uri.UnescapeDataString(x));
        if (path.Length > 2048 || s.Length < 3 || !Is(s[1], "subscriptions") || Array.Exists(s[1..], static x => x.Length is 0 or > 260 || x.Contains('/', StringComparison.Ordinal)))
            return new Route(Unknown, "", null, null);
        var subscription = s[2];
        if (s.Length > 5 && Is(s[^3], "providers") && Is(s[^2], "Microsoft.Authorization") && (Is(s[^1], Permissions) || Is(s[^1], DenyAssignments)))
        {
            return new Route(Is(s[^1], Permissions) ? Permissions : DenyAssignments, subscription, s.Length > 7 && Is(s[3], "resourceGroups") ? s[4] : null, null)
            {
                Scope = string.Join('/', s[..^3]),
            };
        }

        if (s.Length > 5 && Is(s[3], "resourceGroups") && Is(s[5], "providers"))
            return InProvider(subscription, s[4], s[6..]);
        if (s.Length > 4 && Is(s[3], "providers"))
            return InProvider(subscription, null, s[4..]);
        return new Route(Unknown, subscription, null, null);
    }

    private static Route InProvider(string subscription, string? group, string[] s)
    {
        var unknown = new Route(Unknown, subscription, group, null);
        if (s.Length < 2)
            return unknown;
        if (Is(s[0], "Microsoft.Network"))
            return Network(subscription, group, s[1..], unknown) with { IsNetwork = true };
        if (!Is(s[0], "Microsoft.Compute"))
            return unknown;
        if (Is(s[1], ScaleSets))
            return InScaleSets(subscription, group, s[2..], unknown);
        if (group is null && s.Length == 5 && Is(s[1], "locations"))
            return InLocation(subscription, s[3..], unknown);
        if (!Is(s[1], Vms) || s.Length > 4)
            return unknown;
        if (s.Length == 2)
            return new Route(Vms, subscription, group, null);
        if (group is null || (s.Length == 4 && !Is(s[3], "instanceView")))
            return unknown;
        return new Route(s.Length == 3 ? Vm : VmInstanceView, subscription, group, ResourceId.Vm(subscription, group, s[2]));
    }

    private static Route InLocation(string subscription, string[] s, Route unknown) =>
        Is(s[0], "operations") ? new Route(Operation, subscription, null, null) { OperationId = s[1] }
        : Is(s[0], "operationResults") ? new Route(OperationResult, subscription, null, null) { OperationId = s[1] }
        : unknown;

    private static Route InScaleSets(string subscription, string? group, string[] s, Route unknown)
    {
        if (s.Length == 0)
            return new Route(ScaleSets, subscription, group, null);
        if (group is null || s.Length > 5)
            return unknown;
        var set = ResourceId.ScaleSet(subscription, group, s[0]);
        if (s.Length == 1)
            return new Route(ScaleSet, subscription, group, set);
        // Interfaces are Microsoft.Network's, whatever the path says.
        if (s.Length == 2 && Is(s[1], Nics))
            return new Route(ScaleSetNics, subscription, group, set) { IsNetwork = true };
        if (!Is(s[1], Vms))
            return unknown;
        if (s.Length == 2)
            return new Route(ScaleSetVms, subscription, group, set);
        var vm = set.Child(ResourceId.Instances, s[2]);
        if (s.Length == 3)
            return new Route(ScaleSetVm, subscription, group, vm);
        if (s.Length == 4 && Is(s[3], "instanceView"))
            return new Route(ScaleSetVmInstanceView, subscription, group, vm);
        if (!Is(s[3], Nics))
            return unknown;
        return s.Length == 4
            ? new Route(ScaleSetVmNics, subscription, group, vm) { IsNetwork = true }
            : new Route(ScaleSetVmNic, subscription, group, vm.Child(Nics, s[4])) { IsNetwork = true };
    }

    private static Route Network(string subscription, string? group, string[] s, Route unknown)
    {
        if (group is null && s.Length == 4 && Is(s[0], "locations"))
            return InLocation(subscription, s[2..], unknown);

        var isNic = Is(s[0], Nics);
        if (!isNic && !Is(s[0], Vnets))
            return unknown;
        if (s.Length == 1)
            return new Route(isNic ? Nics : Vnets, subscription, group, null);
        if (group is null)
            return unknown;
        if (isNic)
            return s.Length == 2 ? new Route(Nic, subscription, group, ResourceId.Nic(subscription, group, s[1])) : unknown;
        var vnet = ResourceId.Vnet(subscription, group, s[1]);
        return s switch
        {
            [_, _] => new Route(Vnet, subscription, group, vnet),
            [_, _, var view] when Is(view, "subnets") => new Route(Subnets, subscription, group, vnet),
            [_, _, var view] when Is(view, "usages") => new Route(Usages, subscription, group, vnet),
            [_, _, var view] when Is(view, "CheckIPAddressAvailability") => new Route(CheckAddress, subscription, group, vnet),
            [_, _, var view, var name] when Is(view, "subnets") => new Route(Subnet, subscription, group, vnet.Child("subnets", name)),
            _ => unknown,
        };
    }

    private static Dictionary<string, string> ParseQuery(string query)
    {
        var result = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in query.Split('&', 32, StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
            result[name] = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
        }

        return result;
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

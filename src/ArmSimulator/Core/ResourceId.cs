namespace Vnetcni.ArmSimulator.Core;

/// <summary>
/// A resource id: <c>/subscriptions/{s}/resourceGroups/{rg}/providers/{ns}/{type}/{name}[/{type}/{name}[/{type}/{name}]]</c>.
/// <see cref="Key"/> compares ids, because Azure takes and gives them in any case.
/// </summary>
internal sealed record ResourceId(string Subscription, string ResourceGroup, string Namespace, string Type, string Name, string? ChildType = null, string? ChildName = null)
{
    public const string ScaleSets = "virtualMachineScaleSets";
    public const string Instances = "virtualMachines";

    public string Key => ToString().ToLowerInvariant();

    /// <summary>Type of what lies below the child (an interface of a scale set's VM), or null.</summary>
    public string? BelowType { get; init; }

    public string? BelowName { get; init; }

    public ResourceId Parent => BelowType is null ? this with { ChildType = null, ChildName = null } : this with { BelowType = null, BelowName = null };

    /// <summary>The name of the resource itself.</summary>
    public string OwnName => BelowName ?? ChildName ?? Name;

    /// <summary>Whether this is a VM of a Uniform scale set.</summary>
    public bool IsInstance => BelowType is null && ChildType is not null && Is(Type, ScaleSets) && Is(ChildType, Instances);

    public static ResourceId Nic(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Network", "networkInterfaces", name);

    public static ResourceId Vnet(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Network", "virtualNetworks", name);

    public static ResourceId Vm(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Compute", "virtualMachines", name);

    public static ResourceId ScaleSet(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Compute", ScaleSets, name);

    public ResourceId Child(string type, string name) =>
        ChildType is null ? this with { ChildType = type, ChildName = name } : this with { BelowType = type, BelowName = name };

    public static ResourceId? TryParse(string? text)
    {
        if (text is null || text.Length is 0 or > 2048 || text[0] != '/')
            return null;
        var s = text.Split('/');
        if (s.Length is not (9 or 11 or 13)
            || !Is(s[1], "subscriptions") || !Is(s[3], "resourceGroups") || !Is(s[5], "providers")
            || Array.Exists(s[1..], static x => x.Length == 0))
        {
            return null;
        }

        var id = new ResourceId(s[2], s[4], s[6], s[7], s[8]);
        if (s.Length > 9)
            id = id.Child(s[9], s[10]);
        return s.Length > 11 ? id.Child(s[11], s[12]) : id;
    }

    public static string KeyOf(string id) => id.ToLowerInvariant();

    public override string ToString()
    {
        var id = $"/subscriptions/{Subscription}/resourceGroups/{ResourceGroup}/providers/{Namespace}/{Type}/{Name}";
        if (ChildType is not null)
            id = $"{id}/{ChildType}/{ChildName}";
        return BelowType is null ? id : $"{id}/{BelowType}/{BelowName}";
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

namespace Vnetcni.ArmSimulator.Core;

/// <summary>
/// A resource id: <c>/subscriptions/{s}/resourceGroups/{rg}/providers/{ns}/{type}/{name}[/{type}/{name}]</c>.
/// <see cref="Key"/> compares ids, because Azure takes and gives them in any case.
/// </summary>
internal sealed record ResourceId(string Subscription, string ResourceGroup, string Namespace, string Type, string Name, string? ChildType = null, string? ChildName = null)
{
    public string Key => ToString().ToLowerInvariant();

    public ResourceId Parent => this with { ChildType = null, ChildName = null };

    public static ResourceId Nic(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Network", "networkInterfaces", name);

    public static ResourceId Vnet(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Network", "virtualNetworks", name);

    public static ResourceId Vm(string subscription, string group, string name) =>
        new(subscription, group, "Microsoft.Compute", "virtualMachines", name);

    public ResourceId Child(string type, string name) => this with { ChildType = type, ChildName = name };

    public static ResourceId? TryParse(string? text)
    {
        if (text is null || text.Length is 0 or > 2048 || text[0] != '/')
            return null;
        var s = text.Split('/');
        if (s.Length is not (9 or 11)
            || !Is(s[1], "subscriptions") || !Is(s[3], "resourceGroups") || !Is(s[5], "providers")
            || Array.Exists(s[1..], static x => x.Length == 0))
        {
            return null;
        }

        var id = new ResourceId(s[2], s[4], s[6], s[7], s[8]);
        return s.Length == 11 ? id.Child(s[9], s[10]) : id;
    }

    public static string KeyOf(string id) => id.ToLowerInvariant();

    public override string ToString()
    {
        var id = $"/subscriptions/{Subscription}/resourceGroups/{ResourceGroup}/providers/{Namespace}/{Type}/{Name}";
        return ChildType is null ? id : $"{id}/{ChildType}/{ChildName}";
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

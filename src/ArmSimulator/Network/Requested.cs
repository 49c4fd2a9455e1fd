using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>One ipConfiguration as a PUT asks for it, form checked.</summary>
internal sealed record Requested(string Name, Subnet Subnet, uint? StaticAddress, JsonObject Json)
{
    public bool Primary { get; private set; }

    /// <summary>Reads properties.ipConfigurations and checks what needs no address; throws <see cref="ArmError"/>.</summary>
    public static List<Requested> ReadAll(World world, SimSettings settings, ResourceId nic, JsonObject body)
    {
        if (body["properties"].Array("ipConfigurations") is not { Count: > 0 } array)
            throw ArmErrors.BadFormat($"Network interface {nic} must have one or more IP configurations.", "properties.ipConfigurations");
        if (array.Count > settings.MaxAddressesPerNic)
            throw ArmErrors.NicLimit(nic.ToString(), array.Count, settings.MaxAddressesPerNic);

        var result = new List<Requested>(array.Count);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in array)
        {
            var requested = Read(world, nic, node as JsonObject ?? throw ArmErrors.BadFormat("An IP configuration is not a JSON object.", "properties.ipConfigurations"));
            if (!names.Add(requested.Name))
                throw Duplicate(nic, requested.Name);
            result.Add(requested);
        }

        CheckTogether(nic, result);
        return result;
    }

    private static Requested Read(World world, ResourceId nic, JsonObject json)
    {
        var name = json.String("name");
        if (!IsName(name))
        {
            throw new ArmError(400, "InvalidResourceName", $"Resource name {name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.") { Details = [] };
        }

        var properties = json.Object("properties") ?? throw ArmErrors.BadFormat($"IP configuration {name} has no properties.", "properties");
        var reference = properties.Object("subnet").String("id")
            ?? throw ArmErrors.BadFormat($"IP configuration {name} has no subnet.", "subnet.id");
        var subnet = world.FindSubnet(ResourceId.TryParse(reference)) ?? throw ArmErrors.ReferenceNotFound(reference, nic.ToString());
        if (properties.String("privateIPAddressVersion") is { } version && !Is(version, "IPv4"))
            throw ArmErrors.Unsupported($"The simulator serves IPv4 only; IP configuration {name} asks for {version}.");
        if (properties["privateIPAddressPrefixLength"] is JsonValue length && !(length.TryGetValue<int>(out var bits) && bits == 32))
            throw ArmErrors.Unsupported($"The simulator serves single addresses only; IP configuration {name} asks for prefix length {length.ToJsonString()}.");
        return new Requested(name!, subnet, ReadAddress(name!, properties), json);
    }

    private static uint? ReadAddress(string name, JsonObject properties)
    {
        var method = properties.String("privateIPAllocationMethod") ?? "Dynamic";
        if (Is(method, "Dynamic"))
            return null;
        if (!Is(method, "Static"))
            throw ArmErrors.BadFormat($"IP configuration {name} has allocation method {method}; it is Dynamic or Static.", "privateIPAllocationMethod");
        return Ipv4.TryParse(properties.String("privateIPAddress"), out var address)
            ? address
            : throw ArmErrors.BadFormat($"IP configuration {name} is Static and has no valid privateIPAddress.", "privateIPAddress");
    }

    private static void CheckTogether(ResourceId nic, List<Requested> all)
    {
        var primaries = 0;
        var groups = Groups(all[0].Json);
        foreach (var requested in all)
        {
            requested.Primary = requested.Json.Object("properties").Bool("primary") ?? false;
            primaries += requested.Primary ? 1 : 0;
            if (requested.Subnet.Key != all[0].Subnet.Key)
                throw ArmErrors.DifferentSubnets(nic.ToString(), all[0].Subnet.Id.ToString(), requested.Subnet.Id.ToString());
            if (!groups.SetEquals(Groups(requested.Json)))
                throw ArmErrors.DifferentAsgs(nic.ToString());
        }

        // A lone configuration is the primary, said or not.
        if (all.Count == 1)
            all[0].Primary = true;
        else if (primaries != 1)
            throw ArmErrors.Primary(nic.ToString(), primaries);
    }

    private static SortedSet<string> Groups(JsonObject json)
    {
        var groups = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in json.Object("properties").Array("applicationSecurityGroups") ?? [])
        {
            if (group.String("id") is { } id)
                groups.Add(id);
        }

        return groups;
    }

    public static bool IsName(string? name) =>
        name is { Length: >= 1 and <= 80 }
        && IsWord(name[0]) && IsWord(name[^1])
        && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static ArmError Duplicate(ResourceId nic, string name) =>
        new(400, "InvalidRequestFormat", "Cannot parse the request.")
        {
            Details = [("DuplicateResourceName", $"Resource {nic} has two child resources with the same name ({name}).")],
        };
}

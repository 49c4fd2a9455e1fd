using Vnetcni.ControllerRuntime.Hosting;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Preflight;

/// <summary>What preflight is asked to look at.</summary>
internal sealed record PreflightOptions
{
    /// <summary>Ids of resource groups, with commas between.</summary>
    public string NodeGroups { get; init; } = string.Empty;

    /// <summary>Ids of virtual networks, with commas between.</summary>
    public string Networks { get; init; } = string.Empty;

    /// <summary>true = nodes of Uniform scale sets too.</summary>
    public string Uniform { get; init; } = "false";

    /// <summary>true = rights that are in order are listed too.</summary>
    public string All { get; init; } = "false";

    private static readonly OptionTable<PreflightOptions> Table = new(
    [
        new("node-groups", "VNETCNI_NODE_GROUPS", "ids of the resource groups of the VMs, with commas: /subscriptions/.../resourceGroups/... (AKS: the node resource group); required", (o, v) => o with { NodeGroups = v }),
        new("networks", "VNETCNI_NETWORKS", "ids of virtual networks, with commas (default: those of the interfaces found)", (o, v) => o with { Networks = v }),
        new("uniform", "VNETCNI_UNIFORM", "true = nodes are of Uniform scale sets (default false)", (o, v) => o with { Uniform = v }),
        new("all", "VNETCNI_PREFLIGHT_ALL", "true = list what is in order too (default false)", (o, v) => o with { All = v }),
    ]);

    /// <summary>One line for each option.</summary>
    internal static string Usage => "\nvnetcni operator preflight: says which of Azure's rights is missing; changes nothing. Exit code 0: none, 4: some.\n"
        + "The options that name ARM and the identity are those above.\n" + Table.Usage;

    /// <summary>Takes its own options and leaves the host's. Throws <see cref="FormatException"/>.</summary>
    internal static (PreflightOptions Own, IReadOnlyList<string> Others) Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        List<string> own = [], rest = [];
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i].Split('=')[0];
            var list = name is "--node-groups" or "--networks" or "--uniform" or "--all" ? own : rest;
            list.Add(arguments[i]);
            if (name == arguments[i] && i + 1 < arguments.Count)
                list.Add(arguments[++i]);
        }

        var options = Table.Read(new PreflightOptions(), own, environment);
        _ = options.Groups();
        _ = options.VirtualNetworks();
        _ = Flag("uniform", options.Uniform);
        _ = Flag("all", options.All);
        return (options, rest);
    }

    internal IReadOnlyList<string> Groups()
    {
        var groups = Split(NodeGroups);
        if (groups.Length == 0)
            throw new FormatException("--node-groups is missing: the id of the VMs' resource group, /subscriptions/.../resourceGroups/...; `az group show -n NAME --query id` tells it");
        foreach (var group in groups)
        {
            // The id of any resource in it says whether the group's is one.
            if (group.Split('/').Length != 5 || !ResourceId.TryParse(group + "/providers/a/b/c", out _))
                throw new FormatException($"--node-groups '{group}' is not the id of a resource group (/subscriptions/.../resourceGroups/...)");
        }

        return groups;
    }

    internal IReadOnlyList<ResourceId> VirtualNetworks() =>
        [.. Split(Networks).Select(text => ResourceId.TryParse(text, out var id) && id.IsOfType(VirtualNetworkClient.ResourceType)
            ? id
            : throw new FormatException($"--networks '{text}' is not the id of a virtual network (/subscriptions/.../virtualNetworks/...)"))];

    internal static bool Flag(string name, string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"--{name} '{text}' is neither true nor false"),
    };

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

using System.Text.Json;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>
/// Plug-ins of containernetworking/plugins that a runtime runs after ours, each with the capability that it serves: without it,
/// libcni would not hand over what the pod asked for (its hostPorts, its bandwidth).
/// </summary>
/// <remarks>Source: https://www.cni.dev/docs/conventions/, "Dynamic Plugin specific fields", and https://www.cni.dev/plugins/current/meta/.</remarks>
internal static class ChainedPlugins
{
    // Not tuning: without fields of its own it does nothing, and its capability changes the MAC that the node has as the pod's.
    private static readonly (string Type, string? Capability)[] s_known =
        [("portmap", "portMappings"), ("bandwidth", "bandwidth"), ("firewall", null)];

    /// <summary>The types in the order given. Throws <see cref="FormatException"/> for one that is unknown or given twice.</summary>
    /// <param name="list">Separated by commas; empty = none.</param>
    public static IReadOnlyList<string> Read(string list)
    {
        var types = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var type in types)
        {
            if (Array.FindIndex(s_known, known => known.Type == type) < 0 || types.Count(other => other == type) > 1)
            {
                throw new FormatException(
                    $"--chained-plugins '{list}': '{type}' is unknown or given twice; known: {string.Join(", ", s_known.Select(known => known.Type))}, separated by commas");
            }
        }

        return types;
    }

    /// <summary>Writes the section of one of the types that <see cref="Read"/> gives.</summary>
    public static void Write(Utf8JsonWriter json, string type)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        // Hairpin and host → 127.0.0.1:hostPort need the source rewritten: the pod has no route back to either.
        if (type == "portmap")
            json.WriteBoolean("snat"u8, true);
        if (Array.Find(s_known, known => known.Type == type).Capability is { } capability)
        {
            json.WriteStartObject("capabilities"u8);
            json.WriteBoolean(capability, true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

using System.Text.Json;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>
/// Names what a configuration asks for and does not get. A conflist of the Azure plug-in is taken as it is: its dns, mtu and
/// <c>mode: transparent</c> mean here what they mean there; its addresses, routes and rules are the operator's and the agent's own matter.
/// </summary>
/// <remarks>Source: https://github.com/Azure/azure-container-networking/blob/master/docs/cni.md.</remarks>
internal static class UnusedFields
{
    private const int MostNamed = 16;
    private const int LongestName = 64;

    // What is read here, by libcni, or by the binary.
    private static readonly string[] s_used =
    [
        "cniVersion", "name", "type", "capabilities", "args", "prevResult", "socket", "mtu", "dns",
        "cni.dev/valid-attachments", "cni.dev/attachments",
    ];

    /// <summary>The names in their order, <c>mode</c> with its value; at most 16.</summary>
    public static IReadOnlyList<string> Of(JsonElement config)
    {
        List<string> unused = [];
        foreach (var field in config.EnumerateObject())
        {
            var name = Name(field);
            if (s_used.Contains(name) || IsEmpty(field.Value))
                continue;
            switch (name)
            {
                case "mode" when field.Value.ValueKind == JsonValueKind.String:
                    if (field.Value.GetRawText() is not "\"transparent\"")
                        unused.Add(Shorten($"mode={field.Value.GetRawText().Trim('"')}"));
                    break;
                case "runtimeConfig" when field.Value.ValueKind == JsonValueKind.Object:
                    unused.AddRange(field.Value.EnumerateObject()
                        .Where(asked => Name(asked) != "dns" && !IsEmpty(asked.Value)).Select(asked => Shorten($"runtimeConfig.{Name(asked)}")));
                    break;
                default:
                    unused.Add(Shorten(name));
                    break;
            }
        }

        return unused.Count <= MostNamed ? unused : unused[..MostNamed];
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.String => value.GetRawText() == "\"\"",
        _ => false,
    };

    // Escaped: a name may not begin a line of the log. Cut afterwards, where no pair of surrogates is left to cut in two.
    private static string Shorten(string name)
    {
        var escaped = JsonEncodedText.Encode(name).ToString();
        return escaped.Length <= LongestName ? escaped : escaped[..LongestName] + "...";
    }

    private static string Name(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            return "(half a surrogate pair)";
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>Argo CD's eyes: examples/argocd/health.lua, run by Lua 5.1 on the live objects.</summary>
internal sealed class ArgoHealth(E2eLab lab)
{
    private static readonly string[] Kinds = ["nodeippoolclasses", "nodeippools", "virtualnetworks"];

    /// <summary>Status (Healthy, Progressing, Degraded) of each object, by kind and name, with its message.</summary>
    public async Task<SortedDictionary<string, (string Status, string Message)>> ReadAsync(CancellationToken cancellationToken)
    {
        var check = await File.ReadAllTextAsync(Path.Combine(lab.Options.Root, "examples/argocd/health.lua"), cancellationToken);
        var script = new StringBuilder($"local function check()\n{check}\nend\n");
        var names = new List<string>();
        foreach (var kind in Kinds)
        {
            foreach (var item in await lab.ItemsAsync(kind, cancellationToken))
            {
                names.Add($"{kind}/{item!["metadata"]!["name"]}");
                script.Append(CultureInfo.InvariantCulture, $"obj = {Literal(item)}\nhealth = check()\nio.write(health.status, '\\t', tostring(health.message), '\\n')\n");
            }
        }

        var lines = (await Shell.RunAsync("lua5.1", ["-"], cancellationToken, script.ToString())).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length != names.Count)
            throw new ShellException($"{lines.Length} answers of health.lua for {names.Count} objects");
        var all = new SortedDictionary<string, (string, string)>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
            all[names[i]] = lines[i].Split('\t', 2) is [var status, var message] ? (status, message) : throw new ShellException($"health.lua says '{lines[i]}'");
        return all;
    }

    /// <summary>Waits until all are Healthy.</summary>
    public async Task<string> HealthyAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        await Wait.ForAsync("health.lua", TimeSpan.FromSeconds(60), async () =>
        {
            var all = await ReadAsync(cancellationToken);
            count = all.Count;
            var ill = all.Where(one => one.Value.Status != "Healthy").Select(one => $"{one.Key} is {one.Value.Status}: {one.Value.Message}").ToArray();
            return ill.Length == 0 ? null : string.Join("; ", ill);
        }, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{count} objects are Healthy to Argo CD");
    }

    private static string Literal(JsonNode? node) => node switch
    {
        null => "nil",
        JsonObject map => "{" + string.Join(", ", map.Select(pair => $"[{Text(pair.Key)}] = {Literal(pair.Value)}")) + "}",
        JsonArray list => "{" + string.Join(", ", list.Select(Literal)) + "}",
        _ when node.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    private static string Text(string text) =>
        "\"" + string.Concat(Encoding.UTF8.GetBytes(text).Select(b => string.Create(CultureInfo.InvariantCulture, $"\\{b:D3}"))) + "\"";
}

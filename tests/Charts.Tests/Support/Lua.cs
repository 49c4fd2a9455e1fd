using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>Runs Argo CD's health checks as it does: Lua 5.1 with the object in <c>obj</c>, the answer in a table.</summary>
internal static class Lua
{
    private const string Program = "/usr/bin/lua5.1";

    /// <summary>Status and message of health.lua for an object.</summary>
    public static (string Status, string Message) Health(JsonObject value)
    {
        if (!File.Exists(Program))
            Assert.Skip("there is no lua5.1 here: apt-get install lua5.1");
        var script = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                script,
                $"obj = {Literal(value)}\nlocal function check()\n{Repository.Read("examples/argocd/health.lua")}\nend\nlocal h = check()\nio.write(h.status, '\\n', tostring(h.message))\n");
            var (code, output, error) = Repository.Run(Program, script);
            Assert.True(code == 0, error);
            var lines = output.Split('\n', 2);
            return (lines[0], lines[1]);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static string Literal(JsonNode? node) => node switch
    {
        null => "nil",
        JsonObject map => "{" + string.Join(", ", map.Select(p => $"[{Text(p.Key)}] = {Literal(p.Value)}")) + "}",
        JsonArray list => "{" + string.Join(", ", list.Select(Literal)) + "}",
        _ when node.GetValueKind() == JsonValueKind.String => Text((string)node!),
        _ => node.ToJsonString(),
    };

    private static string Text(string text) =>
        "\"" + string.Concat(Encoding.UTF8.GetBytes(text).Select(b => string.Create(CultureInfo.InvariantCulture, $"\\{b:D3}"))) + "\"";
}

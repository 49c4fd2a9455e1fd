using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Operator.Preflight;

namespace Vnetcni.Operator.Tests.Preflight;

/// <summary>The role's three forms give exactly the rights that the operator uses.</summary>
public sealed partial class RoleFileTests
{
    private static readonly string[] Needed = [.. RequiredRights.All.Select(r => r.Action)];

    [Fact]
    public void The_JSON_form_gives_what_is_needed_and_no_more()
    {
        var role = JsonNode.Parse(File.ReadAllText(PathOf("role.json")))!;
        Assert.Equal(Needed, role["Actions"]!.AsArray().Select(a => (string)a!));
        Assert.Equal(RequiredRights.RoleName, (string?)role["Name"]);
        Assert.All(new[] { "NotActions", "DataActions", "NotDataActions" }, name => Assert.Empty(role[name]!.AsArray()));
    }

    [Fact]
    public void The_Bicep_form_gives_the_same()
    {
        var text = File.ReadAllText(PathOf("role.bicep"));
        Assert.Equal(Needed, Quoted().Matches(Between(text, "var actions = [", "]")).Select(m => m.Groups["text"].Value));
        Assert.Contains($"roleName: '{RequiredRights.RoleName}'", text, StringComparison.Ordinal);
        Assert.Contains("actions: actions", text, StringComparison.Ordinal);
        Assert.Contains("'assignment.bicep'", text, StringComparison.Ordinal);
        Assert.True(File.Exists(PathOf("assignment.bicep")));
    }

    [Fact]
    public void The_Terraform_form_gives_the_same()
    {
        var text = File.ReadAllText(PathOf("main.tf"));
        Assert.Equal(Needed, Quoted().Matches(Between(text, "actions = [", "]")).Select(m => m.Groups["text"].Value));
        Assert.Matches($"name += \"{RequiredRights.RoleName}\"", text);
        Assert.Matches("actions += local\\.actions", text);
    }

    [Fact]
    public void No_right_is_wide_and_none_deletes()
    {
        Assert.DoesNotContain(Needed, a => a.Contains('*', StringComparison.Ordinal) || a.EndsWith("/delete", StringComparison.Ordinal));
        Assert.Equal(
            ["Microsoft.Network/networkInterfaces/write", "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write"],
            Needed.Where(a => a.EndsWith("/write", StringComparison.Ordinal)));
        Assert.Equal(Needed.Length, Needed.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void The_page_on_security_names_each_of_them()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs/install/security.md"));
        Assert.All(Needed, action => Assert.Contains(action + "\n", page, StringComparison.Ordinal));
    }

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, start);
        return text[(from + start.Length)..text.IndexOf(end, from + start.Length, StringComparison.Ordinal)];
    }

    private static string PathOf(string file) => Path.Combine(Root(), "docs/install/azure-role", file);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Operator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside a checkout.");
        return folder;
    }

    [GeneratedRegex("""['"](?<text>[^'"]+)['"]""", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();
}

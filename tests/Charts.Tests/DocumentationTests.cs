using Vnetcni.Charts.Tests.Support;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Charts.Tests;

public sealed class DocumentationTests
{
    [Fact]
    public void The_reference_of_the_kinds_is_in_step_with_the_crds()
    {
        var made = CrdReference.Of(RepositoryCrds.All);
        var page = Repository.PathOf("docs/install/crd-reference.md");
        if (Environment.GetEnvironmentVariable("VNETCNI_WRITE_GOLDENS") == "1")
            File.WriteAllText(page, made);
        Assert.True(File.Exists(page), "run eng/crd-reference.sh");
        Assert.True(File.ReadAllText(page) == made, "docs/install/crd-reference.md is not in step with crds/: run eng/crd-reference.sh");
    }

    [Fact]
    public void Links_between_the_installations_pages_lead_somewhere()
    {
        var folder = Repository.PathOf("docs/install");
        var broken =
            from file in Directory.EnumerateFiles(folder, "*.md").Append(Repository.PathOf("examples/README.md"))
            from link in Links.In(File.ReadAllText(file))
            let target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, link.File.Length == 0 ? Path.GetFileName(file) : link.File))
            where !Path.Exists(target) || (link.Heading.Length > 0 && !Links.HeadingsOf(File.ReadAllText(target)).Contains(link.Heading))
            select $"{Path.GetFileName(file)}: {link.File}#{link.Heading}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Commands_for_people_set_only_what_the_chart_knows()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("docs/install"), "*.md"))
        {
            // Settings of one block belong together.
            foreach (var settings in File.ReadAllText(file).Split("```").Select(block => string.Join(',', Links.SettingsIn(block))).Where(s => s.Length > 0))
            {
                var (code, _, error) = Helm.Run("4", "template", "vnetcni", Helm.Chart, "--values", Helm.Minimal, "--set", settings);
                Assert.True(code == 0, $"{Path.GetFileName(file)}: --set {settings}: {error}");
            }
        }
    }
}

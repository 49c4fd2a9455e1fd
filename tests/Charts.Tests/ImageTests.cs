using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

/// <summary>The Dockerfiles, and the same images without a registry; stand-ins take the programs' places.</summary>
public sealed partial class ImageTests : IDisposable
{
    private const int CannotBeFetched = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("operator", "Operator")]
    [InlineData("agent", "CniBinary NodeAgent")]
    public void The_dockerfile_takes_its_files_from_the_script_that_works_without_a_registry_too(string image, string projects)
    {
        var lines = Instructions(image);
        Assert.Contains($"RUN CI=true eng/publish.sh {projects}", lines);
        Assert.Contains($"RUN /src/eng/images/rootfs.sh {image} /src/artifacts/publish /rootfs", lines);
        var last = lines.SkipWhile(l => l != "FROM scratch").Select(l => l.Split(' ')[0]).ToArray();
        Assert.Equal(["FROM", "COPY", "ENV", "USER", "ENTRYPOINT"], last);
        Assert.Equal("COPY --from=rootfs /rootfs /", lines[^4]);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("agent")]
    public void Both_stages_are_the_same_pinned_debian(string image)
    {
        var lines = Instructions(image);
        var pinned = Assert.Single(lines, l => l.StartsWith("ARG DEBIAN=", StringComparison.Ordinal));
        Assert.Matches(@"^ARG DEBIAN=debian:12\.\d+-slim$", pinned);
        Assert.Equal(["FROM ${DEBIAN} AS build", "FROM ${DEBIAN} AS rootfs", "FROM scratch"], lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_user_of_an_image_is_the_charts()
    {
        var objects = Helm.Objects(Helm.Minimal);
        foreach (var (image, kind) in new[] { ("operator", "Deployment"), ("agent", "DaemonSet") })
        {
            var context = Manifests.PodSpec(Manifests.One(objects, kind))!["securityContext"]!;
            Assert.Contains($"USER {context["runAsUser"]}:{context["runAsGroup"]}", Instructions(image));
        }
    }

    [Fact]
    public void The_images_without_a_registry_have_the_dockerfiles_entry_points_and_what_the_chart_runs()
    {
        Assemble();
        foreach (var image in new[] { "operator", "agent" })
        {
            var (code, config, error) = Repository.Run("tar", "-xOf", Path.Combine(_folder, $"out/{image}.tar"), "config.json");
            Assert.True(code == 0, error);
            var settings = JsonNode.Parse(config)!["config"]!;
            var lines = Instructions(image);
            Assert.Contains($"ENTRYPOINT {settings["Entrypoint"]!.ToJsonString()}", lines);
            Assert.Contains($"USER {settings["User"]}", lines);
            Assert.True(File.Exists(Root(image) + (string)settings["Entrypoint"]![0]!));
            Assert.True(new FileInfo(Root(image) + "/etc/ssl/certs/ca-certificates.crt").Length > 100_000);
            Assert.Equal(string.Empty, Repository.Run("find", Root(image), "-type", "f", "-perm", "/6000").Output);
            var layer = Repository.Run("sh", "-c", $"tar -xOf '{_folder}/out/{image}.tar' layer.tar | sha256sum").Output.Split(' ')[0];
            Assert.Equal("sha256:" + layer, (string?)JsonNode.Parse(config)!["rootfs"]!["diff_ids"]![0]);
        }

        Assert.False(File.Exists(Root("operator") + "/bin/sh"));
        foreach (var pod in Helm.Objects(Helm.Minimal).Select(Manifests.PodSpec).OfType<JsonObject>())
        {
            foreach (var command in Manifests.Containers(pod).Select(c => Manifests.Strings(c["command"])).Where(c => c.Length > 0))
            {
                foreach (var path in command.Where(word => word.StartsWith("/opt/", StringComparison.Ordinal) || word.StartsWith("/bin/", StringComparison.Ordinal)))
                    Assert.True(File.Exists(Root("agent") + path), path);
            }
        }
    }

    [Fact]
    public void The_cni_binary_is_installed_by_a_rename_and_a_read_only_folder_is_named()
    {
        var script = Repository.PathOf("eng/images/install-cni.sh");
        var target = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        var binary = Path.Combine(_folder, "vnetcni");
        File.WriteAllText(binary, "new");
        File.WriteAllText(Path.Combine(target, "vnetcni"), "old");
        using (var running = File.OpenRead(Path.Combine(target, "vnetcni")))
        {
            var (code, output, error) = Repository.Run("sh", script, binary, target);
            Assert.True(code == 0, error);
            Assert.Contains("vnetcni is installed", output, StringComparison.Ordinal);
            Assert.Contains("no loopback", error, StringComparison.Ordinal);
            Assert.Equal("new", File.ReadAllText(Path.Combine(target, "vnetcni")));
            using var reader = new StreamReader(running);
            Assert.Equal("old", reader.ReadToEnd());
        }

        Assert.Equal(["vnetcni"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName));
        Assert.Contains("in place", Repository.Run("sh", script, binary, target).Output, StringComparison.Ordinal);
        var refused = Repository.Run("sh", script, binary, "/proc/sys");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("agent.cniBinDir", refused.Error, StringComparison.Ordinal);
    }

    private string Root(string image) => Path.Combine(_folder, "out", image, "rootfs");

    private void Assemble()
    {
        foreach (var program in new[] { "Operator/Vnetcni.Operator", "NodeAgent/Vnetcni.NodeAgent", "CniBinary/vnetcni" })
        {
            var path = Path.Combine(_folder, "published", program);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy("/bin/true", path);
        }

        var (code, _, error) = Repository.Run(
            Repository.PathOf("eng/images/image-rootfs.sh"), Path.Combine(_folder, "published"), Path.Combine(_folder, "out"));
        if (code == CannotBeFetched || !File.Exists("/usr/bin/dpkg-deb"))
            Assert.Skip($"Debian's packages cannot be fetched here: {error.Trim()}");
        Assert.True(code == 0, error);
    }

    private static string[] Instructions(string image) =>
        [.. Comment().Replace(Repository.Read($"eng/images/{image}.Dockerfile"), string.Empty).Split('\n').Where(l => l.Length > 0)];

    [GeneratedRegex("^#.*$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Comment();
}

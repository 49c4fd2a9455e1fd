using System.Text.Json.Nodes;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.Validation;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

public sealed class GitOpsExampleTests
{
    [Theory]
    [InlineData("examples/flux/release.yaml", "HelmRelease", "vnetcni")]
    [InlineData("examples/argocd/application/vnetcni.yaml", "Application", "vnetcni")]
    public void The_values_in_git_are_the_charts(string file, string kind, string name)
    {
        var value = Manifests.Parse(Repository.Read(file)).Single(o => Manifests.Kind(o) == kind && Manifests.Name(o) == name);
        var values = (value["spec"]!["values"] ?? value["spec"]!["source"]?["helm"]?["valuesObject"])!;
        var path = Path.GetTempFileName();
        try
        {
            // JSON is YAML.
            File.WriteAllText(path, values.ToJsonString());
            var objects = Helm.Objects(path);
            Assert.NotEmpty(objects);
            Assert.DoesNotContain(objects, o => Manifests.Kind(o) == "NodeIpPoolClass");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_path_that_the_examples_name_is_there()
    {
        var files = Directory.GetFiles(Repository.PathOf("examples"), "*.yaml", SearchOption.AllDirectories);
        var paths = files.SelectMany(file => Manifests.Parse(File.ReadAllText(file))).SelectMany(o => new[]
        {
            (string?)o["spec"]?["path"], (string?)o["spec"]?["source"]?["path"], (string?)o["spec"]?["chart"]?["spec"]?["chart"],
        }).OfType<string>().ToArray();
        Assert.True(paths.Length >= 6);
        Assert.All(paths, path => Assert.True(Directory.Exists(Repository.PathOf(path)), path));
    }

    [Fact]
    public void Flux_installs_and_upgrades_the_crds()
    {
        var release = Manifests.Parse(Repository.Read("examples/flux/release.yaml")).Single(o => Manifests.Name(o) == "vnetcni");
        Assert.Equal("CreateReplace", (string?)release["spec"]!["install"]!["crds"]);
        Assert.Equal("CreateReplace", (string?)release["spec"]!["upgrade"]!["crds"]);
    }

    [Fact]
    public void Kustomize_builds_classes_that_break_no_rule()
    {
        var (found, kubectl, error) = Repository.Run(Repository.PathOf("eng/kube/kubectl.sh"));
        if (found != 0)
            Assert.Skip($"there is no kubectl here: {error.Trim()}");
        var (code, output, problem) = Repository.Run(kubectl.Trim(), "kustomize", "examples/kustomize/overlays/production");
        Assert.True(code == 0, problem);
        var classes = Manifests.Parse(output).Select(o => (NodeIpPoolClass)StrictModels.Read(o)!).ToArray();
        Assert.Equal(["batch", "default"], classes.Select(c => c.Metadata.Name).Order(StringComparer.Ordinal));
        Assert.All(classes, c => Assert.Empty(SpecValidation.Validate(c)));
    }

    [Theory]
    [InlineData(null, "Progressing", "the operator has not reported yet")]
    [InlineData("""{"type": "Ready", "status": "True", "reason": "InSync", "message": "42 addresses"}""", "Healthy", "42 addresses")]
    [InlineData("""{"type": "Ready", "status": "True", "reason": "AtLimit", "message": "250 of 250"}""", "Healthy", "250 of 250")]
    [InlineData("""{"type": "Ready", "status": "False", "reason": "Growing", "message": "3 pods wait"}""", "Progressing", "3 pods wait")]
    [InlineData("""{"type": "Ready", "status": "False", "reason": "SubnetExhausted", "message": "nodes has none left"}""", "Degraded", "nodes has none left")]
    [InlineData("""{"type": "Ready", "status": "Unknown", "reason": "AgentNotReporting"}""", "Progressing", "AgentNotReporting")]
    [InlineData("""{"type": "CapacityLow", "status": "True", "reason": "AtLimit"}""", "Progressing", "the operator has not reported yet")]
    public void Argo_cd_reads_health_from_the_ready_condition(string? condition, string status, string message)
    {
        var conditions = condition is null ? null : new JsonArray(JsonNode.Parse(condition));
        var value = Object(generation: 2, new JsonObject { ["observedGeneration"] = 2, ["conditions"] = conditions });
        Assert.Equal((status, message), Lua.Health(value));
    }

    [Fact]
    public void Argo_cd_takes_stalled_before_ready()
    {
        var conditions = JsonNode.Parse("""[{"type": "Ready", "status": "False", "reason": "Growing"}, {"type": "Stalled", "status": "True", "message": "minFree is above maxFree"}]""");
        Assert.Equal(("Degraded", "minFree is above maxFree"), Lua.Health(Object(1, new JsonObject { ["conditions"] = conditions })));
    }

    [Fact]
    public void Argo_cd_waits_while_the_status_is_of_an_older_spec_or_the_object_goes()
    {
        var ready = JsonNode.Parse("""[{"type": "Ready", "status": "True", "reason": "InSync", "message": "ok"}]""")!;
        var old = Object(3, new JsonObject { ["observedGeneration"] = 2, ["conditions"] = ready.DeepClone() });
        Assert.Equal("Progressing", Lua.Health(old).Status);
        var going = Object(3, new JsonObject { ["observedGeneration"] = 3, ["conditions"] = ready.DeepClone() });
        going["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        Assert.Equal(("Progressing", "it is being deleted"), Lua.Health(going));
        Assert.Equal("Progressing", Lua.Health(new JsonObject { ["metadata"] = new JsonObject() }).Status);
    }

    [Fact]
    public void The_settings_of_argo_cd_hold_the_health_check_for_each_kind()
    {
        var data = Assert.Single(Manifests.Parse(Repository.Read("examples/argocd/settings/argocd-cm.yaml")))["data"]!.AsObject();
        Assert.Equal(
            ["NodeIpPoolClass", "NodeIpPool", "VirtualNetwork"],
            data.Select(pair => pair.Key["resource.customizations.health.vnetcni.dev_".Length..]));
        Assert.All(data, pair => Assert.Equal(Repository.Read("examples/argocd/health.lua"), (string?)pair.Value));
    }

    private static JsonObject Object(long generation, JsonObject status) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "node-1", ["generation"] = generation },
        ["status"] = status,
    };
}

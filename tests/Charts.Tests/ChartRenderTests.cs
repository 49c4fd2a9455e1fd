using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.Validation;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

public sealed class ChartRenderTests
{
    public static TheoryData<string> Examples => [.. Helm.Examples];

    public static TheoryData<string, string> ExamplesByHelm
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var example in Helm.Examples)
            {
                data.Add("3", example);
                data.Add("4", example);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ExamplesByHelm))]
    public void Renders_as_people_reviewed_it(string helm, string example)
    {
        var rendered = Helm.Template(helm, Helm.ValuesOf(example)).TrimEnd() + "\n";
        var golden = Repository.PathOf($"tests/Charts.Tests/Goldens/{example}.yaml");
        if (Environment.GetEnvironmentVariable("VNETCNI_WRITE_GOLDENS") == "1")
            File.WriteAllText(golden, rendered);
        Assert.True(File.Exists(golden), $"{golden} is missing: write it with VNETCNI_WRITE_GOLDENS=1 and review it");
        Assert.Equal(File.ReadAllText(golden), rendered);
    }

    [Fact]
    public void There_is_no_reviewed_file_without_its_values()
    {
        var goldens = Directory.GetFiles(Repository.PathOf("tests/Charts.Tests/Goldens"), "*.yaml").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(Helm.Examples, goldens.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ExamplesByHelm))]
    public void Lints_strictly(string helm, string example)
    {
        var (code, output, error) = Helm.Run(helm, "lint", "--strict", Helm.Chart, "--values", Helm.ValuesOf(example));
        Assert.True(code == 0, output + error);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("4")]
    public void Both_charts_lint_strictly_without_values(string helm)
    {
        var (code, output, error) = Helm.Run(helm, "lint", "--strict", Helm.Chart, "charts/vnetcni-crds");
        Assert.True(code == 0, output + error);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_object_has_known_fields_only(string example)
    {
        foreach (var value in Helm.AllObjects(Helm.ValuesOf(example)))
        {
            try
            {
                StrictModels.Read(value);
            }
            catch (JsonException e)
            {
                Assert.Fail($"{Manifests.Kind(value)} {Manifests.Name(value)}: {e.Message}");
            }
        }
    }

    [Fact]
    public void A_field_that_no_kind_has_is_refused_by_the_strict_reading()
    {
        var value = Manifests.One(Helm.Objects(Helm.Minimal), "Deployment").DeepClone().AsObject();
        value["spec"]!["template"]!["spec"]!["hostnetwork"] = true;
        var error = Assert.Throws<JsonException>(() => StrictModels.Read(value));
        Assert.Contains("hostnetwork", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void No_object_stands_twice_and_each_has_our_labels(string example)
    {
        var objects = Helm.Objects(Helm.ValuesOf(example));
        var ids = objects.Select(o => $"{Manifests.Kind(o)} {(string?)o["metadata"]!["namespace"]}/{Manifests.Name(o)}").ToArray();
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        foreach (var value in objects.Where(o => Manifests.Kind(o) != "ConfigMap"))
            Assert.Equal("vnetcni", (string?)value["metadata"]!["labels"]?["app.kubernetes.io/part-of"]);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_class_that_is_made_breaks_no_rule(string example)
    {
        foreach (var value in Helm.Objects(Helm.ValuesOf(example)).Where(o => Manifests.Kind(o) == "NodeIpPoolClass"))
            Assert.Empty(SpecValidation.Validate((NodeIpPoolClass)StrictModels.Read(value)!));
    }

    [Theory]
    [InlineData("operator.replcas=3", "/operator", "replcas")]
    [InlineData("agent.image.tga=x", "/agent/image", "tga")]
    [InlineData("azure.identity.clientID=x", "/azure/identity", "clientID")]
    [InlineData("defaultClass.spec.pool.minfree=1", "/defaultClass/spec/pool", "minfree")]
    [InlineData("metrics.podMonitor.enabled=true", "/metrics/podMonitor", "enabled")]
    [InlineData("oprator.replicas=3", "", "oprator")]
    public void A_typo_fails_with_its_path(string setting, string path, string name)
    {
        foreach (var helm in new[] { "3", "4" })
        {
            var (code, _, error) = Helm.Run(helm, "template", "vnetcni", Helm.Chart, "--values", Helm.Minimal, "--set", setting);
            Assert.NotEqual(0, code);
            Assert.Contains(name, error, StringComparison.Ordinal);
            Assert.Contains(helm == "4" ? path : path.TrimStart('/').Replace('/', '.'), error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("limits.perNode=251")]
    [InlineData("limits.perVnet=16001")]
    [InlineData("azure.cloud=mooncake")]
    [InlineData("agent.vethPrefix=toolongaprefix")]
    [InlineData("agent.conflistName=vnetcni.json")]
    [InlineData("agent.capabilities={ALL}")]
    [InlineData("agent.criSocket=/run/cri-dockerd.sock")]
    [InlineData("agent.criSocket=/var/run/cri-dockerd.sock")]
    [InlineData("agent.criSocket=unix:///run/containerd/containerd.sock")]
    [InlineData("agent.criSocket=/run/containerd/")]
    [InlineData("azure.armEndpoint=http://arm.example.com")]
    [InlineData("azure.authorityHost=login.example.com")]
    [InlineData("azure.armAudience=https://management.azure.com/.default")]
    [InlineData("operator.logging.level=Verbose")]
    [InlineData("operator.image.digest=sha256:abc")]
    public void A_value_out_of_bounds_is_refused(string setting)
    {
        var (code, _, error) = Helm.Run("4", "template", "vnetcni", Helm.Chart, "--values", Helm.Minimal, "--set", setting);
        Assert.NotEqual(0, code);
        Assert.Contains("/" + setting[..setting.IndexOf('=', StringComparison.Ordinal)].Replace('.', '/'), error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workload", "azure.identity.clientId")]
    [InlineData("secret", "azure.identity.clientId")]
    [InlineData("certificate", "azure.identity.clientId")]
    [InlineData("static", "azure.identity.existingSecret")]
    public void What_an_identity_needs_is_asked_for(string mode, string setting)
    {
        var (code, _, error) = Helm.Run("4", "template", "vnetcni", Helm.Chart, "--set", $"azure.identity.mode={mode}");
        Assert.NotEqual(0, code);
        Assert.Contains(setting, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_certificate_is_a_file_of_the_secret()
    {
        var objects = Helm.Objects(
            Helm.Minimal, "--set", "azure.identity.mode=certificate", "--set", "azure.identity.existingSecret=sp", "--set", "azure.identity.secretKey=client.pem",
            "--set", "azure.identity.clientId=11111111-1111-1111-1111-111111111111", "--set", "azure.identity.tenantId=22222222-2222-2222-2222-222222222222");
        var pod = Manifests.PodSpec(Manifests.One(objects, "Deployment"))!;
        var container = pod["containers"]![0]!;
        var file = (string)((JsonArray)container["env"]!).Single(e => (string?)e!["name"] == "AZURE_CLIENT_CERTIFICATE_PATH")!["value"]!;
        var volume = (string?)((JsonArray)container["volumeMounts"]!).Single(m => (string?)m!["mountPath"] == Path.GetDirectoryName(file))!["name"];
        var item = ((JsonArray)pod["volumes"]!).Single(v => (string?)v!["name"] == volume)!["secret"]!;
        Assert.Equal(("sp", "client.pem", Path.GetFileName(file)), ((string?)item["secretName"], (string?)item["items"]![0]!["key"], (string?)item["items"]![0]!["path"]));
        Assert.DoesNotContain((JsonArray)container["env"]!, e => (string?)e!["name"] is "AZURE_CLIENT_SECRET" or "AZURE_FEDERATED_TOKEN_FILE");
    }

    [Fact]
    public void A_server_without_admission_policies_gets_none()
    {
        var old = Helm.Objects(Helm.Minimal, "--kube-version", "1.29.0");
        Assert.DoesNotContain(old, o => Manifests.Kind(o).StartsWith("ValidatingAdmissionPolicy", StringComparison.Ordinal));
        var known = Helm.Objects(Helm.Minimal, "--kube-version", "1.30.0");
        Assert.Equal(4, known.Count(o => Manifests.Kind(o).StartsWith("ValidatingAdmissionPolicy", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_crds_are_those_of_the_repository()
    {
        var (code, output, error) = Repository.Run(Repository.PathOf("eng/charts-crds.sh"), "--check");
        Assert.True(code == 0, output + error);
        var (helmCode, rendered, helmError) = Helm.Run("4", "template", "crds", "charts/vnetcni-crds");
        Assert.True(helmCode == 0, helmError);
        var objects = Manifests.Parse(rendered);
        Assert.Equal(3, objects.Count);
        Assert.All(objects, o => Assert.Equal("keep", (string?)o["metadata"]!["annotations"]!["helm.sh/resource-policy"]));
    }
}

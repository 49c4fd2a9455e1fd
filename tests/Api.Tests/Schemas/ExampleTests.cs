using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Validation;

namespace Vnetcni.Api.Tests.Schemas;

/// <summary>The examples are taken by the schemas and by the operator.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Path.Combine(YamlFiles.Root, "examples"), "*.yaml").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_example_is_valid(string file)
    {
        foreach (var document in YamlFiles.Load(Path.Combine(YamlFiles.Root, "examples", file)))
        {
            Assert.Equal("vnetcni.dev/v1alpha1", (string?)document["apiVersion"]);
            Assert.Empty(Validate(document));
            Assert.Empty(SchemaChecker.Check(document, YamlFiles.Schema(Plural(document))));
        }
    }

    [Fact]
    public void There_is_an_example_of_every_kind()
    {
        var kinds = Directory.GetFiles(Path.Combine(YamlFiles.Root, "examples"), "*.yaml").SelectMany(YamlFiles.Load).Select(Plural);
        Assert.Equal(["nodeippoolclasses", "nodeippools", "virtualnetworks"], kinds.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{\"spec\":{\"pool\":{\"batchSize\":0}}}", ".spec.pool.batchSize is 0")]
    [InlineData("{\"spec\":{\"pool\":{\"maxAddresses\":251}}}", ".spec.pool.maxAddresses is 251")]
    [InlineData("{\"spec\":{\"pool\":{\"reuseCooldown\":\"5 s\"}}}", ".spec.pool.reuseCooldown '5 s' does not match")]
    [InlineData("{\"spec\":{\"pol\":{}}}", ".spec.pol is unknown")]
    [InlineData("{\"spec\":{\"snat\":{\"mode\":\"On\"}}}", ".spec.snat.mode is 'On'")]
    [InlineData("{\"spec\":{\"pool\":{\"minFree\":\"8\"}}}", ".spec.pool.minFree is not of type integer")]
    [InlineData("{}", ".spec is missing")]
    public void The_checker_finds_faults(string json, string expected)
    {
        var error = Assert.Single(SchemaChecker.Check(JsonNode.Parse(json), YamlFiles.Schema("nodeippoolclasses")));
        Assert.StartsWith(expected, error);
    }

    private static string Plural(JsonNode document) => (string?)document["kind"] switch
    {
        "NodeIpPool" => "nodeippools",
        "NodeIpPoolClass" => "nodeippoolclasses",
        "VirtualNetwork" => "virtualnetworks",
        var kind => throw new InvalidOperationException(kind),
    };

    private static IReadOnlyList<SpecError> Validate(JsonNode document)
    {
        var bytes = Encoding.UTF8.GetBytes(document.ToJsonString());
        return Plural(document) switch
        {
            "nodeippools" => SpecValidation.Validate(ApiKinds.NodeIpPool.Read(bytes)),
            "nodeippoolclasses" => SpecValidation.Validate(ApiKinds.NodeIpPoolClass.Read(bytes)),
            _ => SpecValidation.Validate(ApiKinds.VirtualNetwork.Read(bytes)),
        };
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Tests.Schemas;

/// <summary>The defaults of the schemas are those of the C# types.</summary>
public sealed class DefaultTests
{
    [Fact]
    public void A_pool_defaulted_by_the_server_equals_one_resolved_by_the_operator()
    {
        var pool = new NodeIpPool
        {
            Metadata = new() { Name = "n" },
            Spec = NodeIpPoolSpec.Resolve("n", "c", EffectiveSettings.Default),
        };
        var resolved = JsonNode.Parse(ApiKinds.NodeIpPool.Write(pool))!;
        Assert.True(resolved["spec"]!["snat"]!.AsObject().Remove("excludedCidrs"));
        var defaulted = JsonNode.Parse("{\"spec\":{\"nodeName\":\"n\",\"className\":\"c\"}}")!;
        SchemaChecker.Default(defaulted, YamlFiles.Schema("nodeippools"));
        Canonical(defaulted["spec"]!, out var left);
        Canonical(resolved["spec"]!, out var right);
        Assert.Equal(right, left);
    }

    [Theory]
    [InlineData("nodeippools")]
    [InlineData("nodeippoolclasses")]
    public void The_default_of_a_block_equals_the_defaults_of_its_fields(string plural)
    {
        foreach (var node in Node.Own(plural).Where(node => node.Schema["default"] is JsonObject))
        {
            var empty = new JsonObject();
            SchemaChecker.Default(empty, node.Schema);
            Canonical(node.Schema["default"]!, out var whole);
            Canonical(empty, out var fields);
            Assert.Equal(whole, fields);
        }
    }

    [Fact]
    public void An_empty_class_reads_as_the_defaults()
    {
        var defaulted = JsonNode.Parse("{\"spec\":{}}")!;
        SchemaChecker.Default(defaulted, YamlFiles.Schema("nodeippoolclasses"));
        var spec = ApiKinds.NodeIpPoolClass.Read(Encoding.UTF8.GetBytes(defaulted.ToJsonString())).Spec!;
        Assert.Equal(EffectiveSettings.Of(new NodeIpPoolClassSpec()), EffectiveSettings.Of(spec));
        Assert.Equal(0, spec.Priority);
        Assert.False(spec.DryRun);
    }

    [Fact]
    public void A_virtual_network_has_the_default_limit()
    {
        var defaulted = JsonNode.Parse("{\"spec\":{\"resourceId\":\"/x\"}}")!;
        SchemaChecker.Default(defaulted, YamlFiles.Schema("virtualnetworks"));
        Assert.Equal(VirtualNetworkSpec.DefaultPodAddressLimit, (long)defaulted["spec"]!["podAddressLimit"]!);
        Assert.Equal(0, (long)defaulted["spec"]!["reservedForOthers"]!);
    }

    private static void Canonical(JsonNode node, out string text)
    {
        text = Sort(node)!.ToJsonString();

        static JsonNode? Sort(JsonNode? value) => value is JsonObject map
            ? new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sort(pair.Value))))
            : value?.DeepClone();
    }
}

using System.Text.Json.Nodes;
using Vnetcni.Api.Durations;
using Vnetcni.Api.Settings;

namespace Vnetcni.Api.Tests.Schemas;

/// <summary>Rules that every schema of the group keeps.</summary>
public sealed class SchemaHygieneTests
{
    public static TheoryData<string> Kinds => FieldTests.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_text_list_and_map_is_bounded(string plural)
    {
        foreach (var node in Node.Own(plural))
        {
            if (node.Type == "string")
                Assert.True(node.Schema.ContainsKey("maxLength") || node.Enum.Count != 0, $"{node.Path} has no maxLength");
            if (node.Type == "array")
                Assert.True(node.Schema.ContainsKey("maxItems"), $"{node.Path} has no maxItems");
            if (node.Schema.ContainsKey("additionalProperties"))
                Assert.True(node.Schema.ContainsKey("maxProperties"), $"{node.Path} has no maxProperties");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_list_is_atomic_but_the_conditions(string plural)
    {
        foreach (var node in Node.Own(plural).Where(node => node.Type == "array"))
        {
            var conditions = node.Path.EndsWith(".status.conditions", StringComparison.Ordinal);
            Assert.Equal(conditions ? "map" : "atomic", (string?)node.Schema["x-kubernetes-list-type"]);
            if (conditions)
                Assert.Equal("type", (string?)node.Schema["x-kubernetes-list-map-keys"]!.AsArray().Single());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_is_typed_and_described(string plural)
    {
        foreach (var node in Node.Own(plural))
        {
            Assert.NotEqual(string.Empty, node.Type);
            Assert.False(node.Schema.ContainsKey("x-kubernetes-preserve-unknown-fields"), node.Path);
            Assert.False(node.Schema.ContainsKey("nullable"), node.Path);
            if (!node.Path.EndsWith("[]", StringComparison.Ordinal) && !node.Path.EndsWith("{}", StringComparison.Ordinal))
                Assert.False(string.IsNullOrWhiteSpace((string?)node.Schema["description"]), $"{node.Path} is not described");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_rule_has_a_message_that_helps(string plural)
    {
        var rules = Node.All(plural).SelectMany(node => node.Schema["x-kubernetes-validations"]?.AsArray() ?? []).ToList();
        Assert.NotEmpty(rules);
        foreach (var rule in rules)
        {
            Assert.False(string.IsNullOrWhiteSpace((string?)rule!["rule"]));
            Assert.True(((string?)rule["message"])?.Length > 20, (string?)rule["rule"]);
        }
    }

    [Fact]
    public void The_names_that_must_not_change_have_a_transition_rule()
    {
        Assert.Contains("self == oldSelf", Rules("nodeippools", "nodeippools.spec.nodeName"));
        Assert.Contains("self.metadata.name == self.spec.nodeName", Rules("nodeippools", "nodeippools"));
        Assert.Contains("self == oldSelf", Rules("virtualnetworks", "virtualnetworks.spec.resourceId"));
    }

    [Theory]
    [InlineData("nodeippools")]
    [InlineData("nodeippoolclasses")]
    public void The_settings_carry_their_rules_bounds_and_pattern(string plural)
    {
        Assert.Contains("self.maxFree >= self.minFree + self.batchSize", Rules(plural, $"{plural}.spec.pool"));
        Assert.Equal(SettingsLimits.MaxAddressesPerNode, Number(plural, "spec.pool.maxAddresses", "maximum"));
        Assert.Equal(1, Number(plural, "spec.pool.batchSize", "minimum"));
        Assert.Equal(SettingsLimits.MaxBatchSize, Number(plural, "spec.pool.batchSize", "maximum"));
        Assert.Equal(SettingsLimits.MaxMtu, Number(plural, "spec.dataplane.mtu", "maximum"));
        Assert.Equal(SettingsLimits.MaxExcludedCidrs, Number(plural, "spec.snat.excludedCidrs", "maxItems"));
        foreach (var field in new[] { "pool.reuseCooldown", "pool.releaseDelay", "dataplane.addTimeout" })
        {
            Assert.Equal(KubeDuration.Pattern, (string?)Find(plural, $"{plural}.spec.{field}").Schema["pattern"]);
            Assert.Equal(KubeDuration.MaxLength, Number(plural, $"spec.{field}", "maxLength"));
        }

        Assert.Contains($"self.mtu == 0 || self.mtu >= {SettingsLimits.MinMtu}", Rules(plural, $"{plural}.spec.dataplane"));
    }

    [Fact]
    public void The_budget_has_the_products_limit() =>
        Assert.Equal(SettingsLimits.MaxAddressesPerVirtualNetwork, Number("virtualnetworks", "spec.podAddressLimit", "maximum"));

    [Theory]
    [InlineData("nodeippools", "NodeIpPool", "nip")]
    [InlineData("nodeippoolclasses", "NodeIpPoolClass", "nipc")]
    [InlineData("virtualnetworks", "VirtualNetwork", "vnet")]
    public void The_kinds_are_served_as_designed(string plural, string kind, string shortName)
    {
        var crd = YamlFiles.Crd(plural);
        Assert.Equal($"{plural}.vnetcni.dev", (string?)crd["metadata"]!["name"]);
        Assert.False(crd.AsObject().ContainsKey("status"));
        var spec = crd["spec"]!;
        Assert.Equal("vnetcni.dev", (string?)spec["group"]);
        Assert.Equal("Cluster", (string?)spec["scope"]);
        Assert.Null(spec["preserveUnknownFields"]);
        Assert.Equal(kind, (string?)spec["names"]!["kind"]);
        Assert.Equal(plural, (string?)spec["names"]!["plural"]);
        Assert.Equal([shortName], spec["names"]!["shortNames"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(["vnetcni"], spec["names"]!["categories"]!.AsArray().Select(name => (string?)name));
        var version = YamlFiles.Version(plural);
        Assert.Equal("v1alpha1", (string?)version["name"]);
        Assert.NotNull(version["subresources"]!["status"]);
        Assert.True((bool)version["served"]! && (bool)version["storage"]!);
    }

    private static Node Find(string plural, string path) => Node.All(plural).Single(node => node.Path == path);

    private static List<string?> Rules(string plural, string path) =>
        (Find(plural, path).Schema["x-kubernetes-validations"] as JsonArray)?.Select(rule => (string?)rule!["rule"]).ToList() ?? [];

    private static int Number(string plural, string path, string key) => (int)(long)Find(plural, $"{plural}.{path}").Schema[key]!;
}

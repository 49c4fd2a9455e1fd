using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Validation;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Tests.Settings;

public sealed class SpecValidationTests
{
    private const string VNet = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";

    public static TheoryData<string, NodeIpPoolClassSpec> Invalid => new()
    {
        { "spec.pool.maxFree", new() { Pool = new() { MinFree = 20 } } },
        { "spec.pool.maxFree", new() { Pool = new() { MinFree = 10, MaxFree = 5 } } },
        { "spec.pool.batchSize", new() { Pool = new() { BatchSize = 0 } } },
        { "spec.pool.batchSize", new() { Pool = new() { BatchSize = 65, MaxFree = 100 } } },
        { "spec.pool.maxAddresses", new() { Pool = new() { MaxAddresses = 251 } } },
        { "spec.pool.maxAddresses", new() { Pool = new() { MaxAddresses = 0 } } },
        { "spec.pool.minFree", new() { Pool = new() { MinFree = -1 } } },
        { "spec.pool.warmUp", new() { Pool = new() { WarmUp = 20, MaxAddresses = 10 } } },
        { "spec.pool.reuseCooldown", new() { Pool = new() { ReuseCooldown = "11m" } } },
        { "spec.pool.reuseCooldown", new() { Pool = new() { ReuseCooldown = "" } } },
        { "spec.pool.releaseDelay", new() { Pool = new() { ReleaseDelay = "25h" } } },
        { "spec.dataplane.addTimeout", new() { Dataplane = new() { AddTimeout = "0s" } } },
        { "spec.dataplane.mtu", new() { Dataplane = new() { Mtu = 100 } } },
        { "spec.dataplane.mtu", new() { Dataplane = new() { Mtu = 9001 } } },
        { "spec.dataplane.mode", new() { Dataplane = new() { Mode = "transparent" } } },
        { "spec.snat.mode", new() { Snat = new() { Mode = "On" } } },
        { "spec.snat.excludedCidrs[1]", new() { Snat = new() { ExcludedCidrs = ["10.0.0.0/8", "10.0.0.1/8"] } } },
        { "spec.snat.excludedCidrs[0]", new() { Snat = new() { ExcludedCidrs = ["10.0.0.1"] } } },
        { "spec.snat.excludedCidrs", new() { Snat = new() { ExcludedCidrs = [.. Enumerable.Repeat("10.0.0.0/8", 65)] } } },
        { "spec.metadataAccess", new() { MetadataAccess = "Maybe" } },
        { "spec.networkInterface.name", new() { NetworkInterface = new() { Selector = "Named" } } },
        { "spec.networkInterface.name", new() { NetworkInterface = new() { Name = "nic" } } },
        { "spec.networkInterface.selector", new() { NetworkInterface = new() { Selector = "Second" } } },
        { "spec.priority", new() { Priority = 1_000_001 } },
        { "spec.nodeSelector.matchExpressions[0].values", new() { NodeSelector = new() { MatchExpressions = [new() { Key = "k", Operator = "In" }] } } },
        { "spec.nodeSelector.matchExpressions[0].operator", new() { NodeSelector = new() { MatchExpressions = [new() { Key = "k", Operator = "Gt" }] } } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_broken_rule_names_its_field(string path, NodeIpPoolClassSpec spec)
    {
        var error = Assert.Single(SpecValidation.Validate(new NodeIpPoolClass { Spec = spec }));
        Assert.Equal(path, error.Path);
        Assert.All([error.Value, error.Limit, error.NextStep], Assert.NotEmpty);
        Assert.Matches("^spec.* is .*: must be .*\\. .*\\.$", error.ToString());
    }

    [Fact]
    public void The_message_has_value_limit_and_next_step() => Assert.Equal(
        "spec.pool.maxFree is 24: must be at least minFree + batchSize = 36. Raise maxFree, or lower minFree or batchSize; else the pool would grow and shrink in turns.",
        SpecError.Join(SpecValidation.Validate(new NodeIpPoolClass { Spec = new() { Pool = new() { MinFree = 20 } } })));

    [Fact]
    public void A_hostile_value_neither_overflows_nor_floods_the_message()
    {
        var errors = SpecValidation.Validate(new NodeIpPoolClass
        {
            Spec = new()
            {
                Pool = new() { MinFree = int.MaxValue, BatchSize = int.MaxValue, ReuseCooldown = new string('9', 1_000_000) },
                MetadataAccess = new string('x', 1_000_000),
            },
        });
        Assert.Contains(errors, error => error.Limit.Contains("4294967294"));
        Assert.InRange(SpecError.Join(errors).Length, 1, 2_000);
    }

    [Fact]
    public void The_defaults_are_valid()
    {
        Assert.Empty(SpecValidation.Validate(new NodeIpPoolClass { Spec = new() }));
        Assert.Empty(SpecValidation.Validate(new NodeIpPool
        {
            Metadata = new() { Name = "n" },
            Spec = NodeIpPoolSpec.Resolve("n", "c", EffectiveSettings.Default),
        }));
        Assert.Empty(SpecValidation.Validate(new VirtualNetwork { Spec = new() { ResourceId = VNet.ToUpperInvariant() } }));
    }

    [Fact]
    public void A_missing_spec_is_an_error()
    {
        Assert.Equal("spec", Assert.Single(SpecValidation.Validate(new NodeIpPoolClass())).Path);
        Assert.Equal("spec", Assert.Single(SpecValidation.Validate(new NodeIpPool())).Path);
        Assert.Equal("spec", Assert.Single(SpecValidation.Validate(new VirtualNetwork())).Path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("other")]
    public void A_pool_must_be_named_like_its_node(string? nodeName)
    {
        var pool = new NodeIpPool { Metadata = new() { Name = "n" }, Spec = new() { NodeName = nodeName } };
        Assert.Equal("spec.nodeName", Assert.Single(SpecValidation.Validate(pool)).Path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/x")]
    [InlineData("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/v")]
    [InlineData("/subscriptions//resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v")]
    public void Another_id_is_no_virtual_network(string? id) => Assert.Equal(
        "spec.resourceId", Assert.Single(SpecValidation.Validate(new VirtualNetwork { Spec = new() { ResourceId = id } })).Path);

    [Fact]
    public void The_budget_is_bounded() => Assert.Equal(
        ["spec.podAddressLimit", "spec.reservedForOthers"],
        SpecValidation.Validate(new VirtualNetwork { Spec = new() { ResourceId = VNet, PodAddressLimit = 16_001, ReservedForOthers = -1 } }).Select(error => error.Path));
}

using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Tests.Schemas;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Tests.Serialization;

/// <summary>An apply body holds what its manager owns, and the state that it was computed from.</summary>
public sealed class ApplyBodyTests
{
    private static readonly ApplyTarget Target = new("n", "7", "u");

    [Fact]
    public void The_operators_status_leaves_the_agents_usage_out()
    {
        var status = new NodeIpPoolStatus
        {
            Held = 1,
            NetworkInterfaces = [new() { Name = "nic", Addresses = [new() { Address = "10.0.0.5", State = AddressStates.Available }] }],
            Usage = new NodeIpPoolUsage { InUse = 3 },
        };
        Assert.Equal(
            """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"n","uid":"u","resourceVersion":"7"},"status":{"networkInterfaces":[{"name":"nic","addresses":[{"address":"10.0.0.5","state":"Available"}]}],"held":1}}""",
            Encoding.UTF8.GetString(ApplyBodies.OperatorStatus(Target, status)));
    }

    [Fact]
    public void The_agent_writes_its_usage_and_nothing_else()
    {
        var usage = new NodeIpPoolUsage { PoolUid = "u", Revision = 2, Free = 0, Releasable = [] };
        Assert.Equal(
            """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"n","uid":"u","resourceVersion":"7"},"status":{"usage":{"poolUID":"u","revision":2,"free":0,"releasable":[]}}}""",
            Encoding.UTF8.GetString(ApplyBodies.AgentUsage(Target, usage)));
    }

    [Fact]
    public void The_operators_spec_body_creates_a_valid_pool()
    {
        var body = JsonNode.Parse(ApplyBodies.OperatorSpec(new("n", null), NodeIpPoolSpec.Resolve("n", "c", EffectiveSettings.Default), finalizer: true))!;
        Assert.Equal("vnetcni.dev/release-addresses", (string?)body["metadata"]!["finalizers"]![0]);
        Assert.Equal("vnetcni-operator", (string?)body["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]);
        Assert.False(body["metadata"]!.AsObject().ContainsKey("resourceVersion"));
        Assert.Empty(SchemaChecker.Check(body, YamlFiles.Schema("nodeippools")));
    }

    [Fact]
    public void A_pool_that_a_person_owns_gets_the_finalizer_only()
    {
        Assert.Equal(
            """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"n","uid":"u","resourceVersion":"7","finalizers":["vnetcni.dev/release-addresses"]}}""",
            Encoding.UTF8.GetString(ApplyBodies.OperatorSpec(Target, spec: null, finalizer: true)));
        Assert.DoesNotContain("finalizers", Encoding.UTF8.GetString(ApplyBodies.OperatorSpec(Target, spec: null, finalizer: false)));
    }

    [Fact]
    public void Other_statuses_are_conditional_too()
    {
        var vnet = JsonNode.Parse(ApplyBodies.VirtualNetworkStatus(Target, new VirtualNetworkStatus
        {
            UsedByUs = 3,
            Reservations = [new() { Pool = "n", PoolUid = "u", Base = 3, Ceiling = 16, NicEtag = "W/\"1\"" }],
        }))!;
        Assert.Equal("7", (string?)vnet["metadata"]!["resourceVersion"]);
        Assert.Equal("W/\"1\"", (string?)vnet["status"]!["reservations"]![0]!["nicEtag"]);
        var policy = JsonNode.Parse(ApplyBodies.ClassStatus(Target, new NodeIpPoolClassStatus { Nodes = 2 }))!;
        Assert.Equal("NodeIpPoolClass", (string?)policy["kind"]);
        Assert.Equal(2, (int)policy["status"]!["nodes"]!);
    }

    [Fact]
    public void A_body_without_a_name_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => ApplyBodies.AgentUsage(new(string.Empty, "1"), new NodeIpPoolUsage()));
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;

namespace Vnetcni.Api.Tests.Serialization;

public sealed class RoundTripTests
{
    private const string FromServer = """
        {"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"node-1","uid":"u-1","resourceVersion":"42",
        "generation":3,"creationTimestamp":"2026-01-02T03:04:05Z","deletionTimestamp":"2026-01-02T04:00:00.123456Z","deletionGracePeriodSeconds":0,
        "labels":{"b":"2","a":"1"},"annotations":{"x":"é\n"},"finalizers":["vnetcni.dev/release-addresses"],
        "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"o","controller":true,"blockOwnerDeletion":false,"novel":[1]}],
        "managedFields":[{"manager":"vnetcni-agent","operation":"Apply","fieldsType":"FieldsV1","time":"2026-01-02T03:04:05Z","fieldsV1":{"f:status":{".":{},"f:usage":{}}}}],
        "selfLink":"/x","novel":{"deep":[{}]}},
        "spec":{"nodeName":"node-1","novel":1,"pool":{"minFree":4}},
        "status":{"node":{"uid":"nu","providerID":"azure:///x","vmId":"v","nicResourceGuid":"g"},
        "networkInterfaces":[{"id":"/nic","name":"nic","macAddress":"00:0d:3a:01:02:03","primaryAddress":"10.0.0.4","subnet":{"id":"/s","name":"s","cidr":"10.0.0.0/24","gateway":"10.0.0.1"},
        "addresses":[{"address":"10.0.0.5","ipConfiguration":"vnetcni-01234567-0","state":"Available"}]}],
        "operation":{"url":"https://x","kind":"NetworkInterfacePut","startedAt":"2026-01-02T03:04:05.5Z"},
        "conditions":[{"type":"Ready","status":"True","reason":"InSync","message":"","lastTransitionTime":"2026-01-02T03:04:05Z","observedGeneration":3}],
        "usage":{"poolUID":"u-1","bootID":"b","revision":9007199254740993,"inUse":1,"free":2,"releasable":["10.0.0.5"]}}}
        """;

    [Fact]
    public void An_object_of_the_server_survives_a_round_trip_without_managed_fields()
    {
        var first = ApiKinds.NodeIpPool.Read(Encoding.UTF8.GetBytes(FromServer));
        var bytes = ApiKinds.NodeIpPool.Write(first);
        var second = ApiKinds.NodeIpPool.Write(ApiKinds.NodeIpPool.Read(bytes));
        Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(second));

        var expected = JsonNode.Parse(FromServer)!;
        var metadata = expected["metadata"]!.AsObject();
        foreach (var gone in new[] { "managedFields", "selfLink", "novel" })
            Assert.True(metadata.Remove(gone));
        metadata["ownerReferences"]![0]!.AsObject().Remove("novel");
        metadata["deletionTimestamp"] = "2026-01-02T04:00:00Z";
        expected["spec"]!.AsObject().Remove("novel");
        expected["status"]!["operation"]!["startedAt"] = "2026-01-02T03:04:05Z";
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(bytes)), Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Metadata_is_read_as_typed_values()
    {
        var metadata = ApiKinds.NodeIpPool.Read(Encoding.UTF8.GetBytes(FromServer)).Metadata;
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), metadata.CreationTimestamp);
        Assert.Equal(DateTimeKind.Utc, metadata.CreationTimestamp!.Value.Kind);
        Assert.Equal(42, int.Parse(metadata.ResourceVersion, null));
        Assert.Null(metadata.ManagedFields);
        Assert.True(metadata.OwnerReferences.Single().Controller);
        Assert.Equal("é\n", metadata.Annotations["x"]);
    }

    [Fact]
    public void Null_fields_are_not_written()
    {
        var text = Encoding.UTF8.GetString(ApiKinds.NodeIpPool.Write(new NodeIpPool { Metadata = new() { Name = "n" } }));
        Assert.Equal("""{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"n"}}""", text);
    }

    [Fact]
    public void A_choice_of_a_newer_version_is_read()
    {
        var pool = ApiKinds.NodeIpPool.Read("{\"spec\":{\"snat\":{\"mode\":\"Egress\"}},\"metadata\":{}}"u8.ToArray());
        Assert.Equal("Egress", pool.Spec!.Snat!.Mode);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"metadata\":[]}")]
    [InlineData("{\"metadata\":{\"labels\":[]}}")]
    [InlineData("{\"metadata\":{\"finalizers\":{}}}")]
    [InlineData("{\"metadata\":{\"ownerReferences\":{}}}")]
    [InlineData("{\"metadata\":{\"ownerReferences\":[1]}}")]
    [InlineData("{\"metadata\":{\"creationTimestamp\":\"yesterday\"}}")]
    [InlineData("{\"metadata\":{\"name\":\"n\"}")]
    [InlineData("{\"status\":{\"held\":99999999999}}")]
    [InlineData("{\"status\":{\"nextAttempt\":\"soon\"}}")]
    [InlineData("{\"metadata\":{\"generation\":\"x\"}}")]
    public void Malformed_objects_are_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => ApiKinds.NodeIpPool.Read(Encoding.UTF8.GetBytes(json)));
}

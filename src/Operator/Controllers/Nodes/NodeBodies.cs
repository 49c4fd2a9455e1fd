using System.Buffers;
using System.Globalization;
using System.Text.Json;
using k8s.Models;
using Vnetcni.Api.Names;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>What is written to a Node: our condition, and its taints without ours.</summary>
internal static class NodeBodies
{
    /// <summary>An apply of the one condition; the other conditions are the kubelet's.</summary>
    public static byte[] Condition(V1Node node, NodeReadiness readiness, DateTimeOffset since, DateTimeOffset now) => Body(node, version: null, writer =>
    {
        writer.WriteString("apiVersion", "v1");
        writer.WriteString("kind", "Node");
        writer.WriteStartObject("status");
        writer.WriteStartArray("conditions");
        writer.WriteStartObject();
        writer.WriteString("type", WellKnownNames.NodeCondition);
        writer.WriteString("status", readiness.Available ? "True" : "False");
        writer.WriteString("reason", readiness.Reason);
        writer.WriteString("message", readiness.Message);
        writer.WriteString("lastHeartbeatTime", Text(now));
        writer.WriteString("lastTransitionTime", Text(since));
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>An apply without our condition, which takes it off.</summary>
    public static byte[] NoCondition(V1Node node) => Body(node, version: null, writer =>
    {
        writer.WriteString("apiVersion", "v1");
        writer.WriteString("kind", "Node");
        writer.WriteStartObject("status");
        writer.WriteStartArray("conditions");
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>A merge patch of the whole list of taints, valid for the version that it was read in: the list has no keys to merge by.</summary>
    public static byte[] Taints(V1Node node, IReadOnlyList<V1Taint> taints) => Body(node, node.Metadata.ResourceVersion, writer =>
    {
        writer.WriteStartObject("spec");
        writer.WriteStartArray("taints");
        foreach (var taint in taints)
        {
            writer.WriteStartObject();
            writer.WriteString("key", taint.Key);
            if (taint.Value is not null)
                writer.WriteString("value", taint.Value);
            writer.WriteString("effect", taint.Effect);
            if (taint.TimeAdded is { } added)
                writer.WriteString("timeAdded", Text(new DateTimeOffset(added.ToUniversalTime())));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static byte[] Body(V1Node node, string? version, Action<Utf8JsonWriter> rest)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteString("name", node.Metadata.Name);
            // A Node that is gone is not made by an apply.
            writer.WriteString("uid", node.Metadata.Uid);
            if (version is not null)
                writer.WriteString("resourceVersion", version);
            writer.WriteEndObject();
            rest(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

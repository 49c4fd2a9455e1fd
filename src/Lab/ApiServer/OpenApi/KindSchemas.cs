using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>The schema of a served kind and of its list, in the form of OpenAPI 3.</summary>
internal static class KindSchemas
{
    private const string GroupVersionKind = "x-kubernetes-group-version-kind";

    /// <summary>Both by name. A built-in kind has its outline only: the server keeps any field of spec and status.</summary>
    public static IEnumerable<KeyValuePair<string, JsonObject>> Of(ResourceDefinition resource)
    {
        var item = resource.Schema is { } schema ? schema.DeepClone().AsObject() : Outline(resource);
        if (item["properties"] is not JsonObject properties)
            item["properties"] = properties = [];
        properties["apiVersion"] = Schema.Text("Group and version of this object's schema.");
        properties["kind"] = Schema.Text("What the object is.");
        properties["metadata"] = Schema.Reference(SchemaNames.ObjectMeta, "Metadata that every object has.");
        item["type"] = "object";
        item[GroupVersionKind] = new JsonArray(Identity(resource, resource.Kind));
        yield return new(SchemaNames.Of(resource), item);

        if (resource is { Group: "", Plural: "nodes" })
            yield return new(SchemaNames.NodeStatus, NodeStatus());

        var list = Schema.Object(
            $"A list of {resource.Kind}.",
            ("apiVersion", Schema.Text("Group and version of this object's schema.")),
            ("items", Schema.Array(Schema.Ref(SchemaNames.Of(resource)), "The objects.")),
            ("kind", Schema.Text("What the object is.")),
            ("metadata", Schema.Reference(SchemaNames.ListMeta, "Metadata of the list.")));
        list["required"] = new JsonArray("items");
        list[GroupVersionKind] = new JsonArray(Identity(resource, resource.ListKind));
        yield return new(SchemaNames.ListOf(resource), list);
    }

    /// <summary>group, version and kind as documents carry them.</summary>
    public static JsonObject Identity(ResourceDefinition resource, string kind) =>
        new() { ["group"] = resource.Group, ["version"] = resource.Version, ["kind"] = kind };

    private static JsonObject Outline(ResourceDefinition resource)
    {
        if (resource is { Group: "", Plural: "events" })
        {
            return Schema.Object(
                "A report of something that happened to an object.",
                ("action", Schema.Text("What was done or failed.")),
                ("count", Schema.Long("How often it was observed.")),
                ("eventTime", Schema.Time("When it was first observed.")),
                ("firstTimestamp", Schema.Time("When it was first observed.")),
                ("involvedObject", Schema.Free("The object that the event is about.")),
                ("lastTimestamp", Schema.Time("When it was last observed.")),
                ("message", Schema.Text("What happened, in words.")),
                ("reason", Schema.Text("Why, for machines.")),
                ("related", Schema.Free("A second object.")),
                ("reportingComponent", Schema.Text("Who reported it.")),
                ("reportingInstance", Schema.Text("Which instance reported it.")),
                ("series", Schema.Free("Repetitions of the event.")),
                ("source", Schema.Free("Who reported it, and on which host.")),
                ("type", Schema.Text("Normal or Warning.")));
        }

        var schema = Schema.Object($"A {resource.Kind}, as Kubernetes defines it.", ("spec", Schema.Free("What is wanted.")));
        if (resource is { Group: "", Plural: "nodes" })
            schema["properties"]!["status"] = Schema.Reference(SchemaNames.NodeStatus, "What is observed.");
        else if (resource.HasStatus)
            schema["properties"]!["status"] = Schema.Free("What is observed.");
        return schema;
    }

    // Spelt out, since clients look up here by which key its lists are merged.
    private static JsonObject NodeStatus() => Schema.Object(
        "What is observed of a node.",
        ("addresses", Schema.Keyed(Schema.Free("An address."), "type", "Addresses by which the node is reached.")),
        ("allocatable", Schema.Map("Resources for pods.")),
        ("capacity", Schema.Map("Resources in all.")),
        ("conditions", Schema.Keyed(Schema.Free("A condition."), "type", "What is known about the node, one entry per type.")),
        ("config", Schema.Free("Configuration that the kubelet runs with.")),
        ("daemonEndpoints", Schema.Free("Where the node's daemons listen.")),
        ("features", Schema.Free("What the runtime can do.")),
        ("images", Schema.Array(Schema.Free("An image."), "Images on the node.")),
        ("nodeInfo", Schema.Free("What the node runs.")),
        ("phase", Schema.Text("Deprecated.")),
        ("runtimeHandlers", Schema.Array(Schema.Free("A handler."), "Runtime handlers.")),
        ("volumesAttached", Schema.Array(Schema.Free("A volume."), "Volumes attached to the node.")),
        ("volumesInUse", Schema.Array(Schema.Text(string.Empty), "Volumes mounted on the node.")));
}

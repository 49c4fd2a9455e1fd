using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>Schemas that every kind shares.</summary>
internal static class MetaSchemas
{
    /// <summary>All of them by name.</summary>
    public static IEnumerable<KeyValuePair<string, JsonObject>> All() =>
    [
        new(SchemaNames.ObjectMeta, ObjectMeta()),
        new(SchemaNames.ListMeta, Schema.Object(
            "Metadata of a list.",
            ("continue", Schema.Text("Token of the next page.")),
            ("remainingItemCount", Schema.Long("Objects after this page.")),
            ("resourceVersion", Schema.Text("The version that the list shows.")))),
        new(SchemaNames.Patch, Schema.Free("A patch, in the form that the Content-Type says.")),
        new(SchemaNames.Status, Schema.Free("What is answered where there is no object to answer with.")),
        new(SchemaNames.DeleteOptions, Schema.Object(
            "How to delete.",
            ("apiVersion", Schema.Text("Version of this schema.")),
            ("kind", Schema.Text("Kind of this object.")),
            ("dryRun", Schema.Array(Schema.Text(string.Empty), "All: commit nothing.")),
            ("gracePeriodSeconds", Schema.Long("Seconds that a pod is given to end.")),
            ("orphanDependents", Schema.Boolean("Deprecated: use propagationPolicy.")),
            ("preconditions", Schema.Free("uid and resourceVersion that the object must have.")),
            ("propagationPolicy", Schema.Text("Background, Foreground or Orphan.")))),
    ];

    private static JsonObject ObjectMeta() => Schema.Object(
        "Metadata that every object has.",
        ("annotations", Schema.Map("Free text by name, not for selection.")),
        ("creationTimestamp", Schema.Time("When the object was made; set by the server.")),
        ("deletionGracePeriodSeconds", Schema.Long("Seconds that the object is given to end.")),
        ("deletionTimestamp", Schema.Time("When the object is to be gone; set by the server.")),
        ("finalizers", Schema.Array(Schema.Text(string.Empty), "Who must finish before the object goes.")),
        ("generateName", Schema.Text("Prefix of a name that the server completes.")),
        ("generation", Schema.Long("Grows with each change of the spec; set by the server.")),
        ("labels", Schema.Map("Names and values to select by.")),
        ("managedFields", Schema.Array(Schema.Free(string.Empty), "Which manager owns which fields; kept by the server.")),
        ("name", Schema.Text("Unique within a namespace and kind; cannot be changed.")),
        ("namespace", Schema.Text("The space in which the name is unique; empty for cluster-scoped objects.")),
        ("ownerReferences", Schema.Array(OwnerReference(), "Objects with which this one goes.")),
        ("resourceVersion", Schema.Text("Version of the object; a write that carries it is refused when another came first.")),
        ("selfLink", Schema.Text("Deprecated; not set.")),
        ("uid", Schema.Text("Unique in time and space; set by the server.")));

    private static JsonObject OwnerReference()
    {
        var owner = Schema.Object(
            "An owner.",
            ("apiVersion", Schema.Text("API version of the owner.")),
            ("blockOwnerDeletion", Schema.Boolean("Whether a foreground deletion of the owner waits for this object.")),
            ("controller", Schema.Boolean("Whether the owner is the managing controller.")),
            ("kind", Schema.Text("Kind of the owner.")),
            ("name", Schema.Text("Name of the owner.")),
            ("uid", Schema.Text("Uid of the owner.")));
        owner["required"] = new JsonArray("apiVersion", "kind", "name", "uid");
        return owner;
    }
}

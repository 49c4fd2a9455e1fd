using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>metadata.ownerReferences.</summary>
internal static class OwnerReferences
{
    public static IEnumerable<(string ApiVersion, string Kind, string Name, string Uid)> Of(JsonObject value) =>
        (value["metadata"]?["ownerReferences"] as JsonArray ?? []).Select(r => (r.Text("apiVersion"), r.Text("kind"), r.Text("name"), r.Text("uid")));

    /// <summary>Whether an owner that is deleted in the foreground waits for it.</summary>
    public static bool Blocks(JsonObject value, string owner) => (value["metadata"]?["ownerReferences"] as JsonArray ?? [])
        .OfType<JsonObject>().Any(r => r.Text("uid") == owner && r.Flag("blockOwnerDeletion"));

    /// <summary>Takes references to owners out in place.</summary>
    public static void Remove(JsonObject value, IReadOnlySet<string> owners)
    {
        if (value["metadata"]?["ownerReferences"] is not JsonArray references)
            return;
        foreach (var gone in references.Where(r => owners.Contains(r.Text("uid"))).ToList())
            references.Remove(gone);
        if (references.Count == 0)
            value["metadata"]!.AsObject().Remove("ownerReferences");
    }
}

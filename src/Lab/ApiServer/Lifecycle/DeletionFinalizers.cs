using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>The finalizers by which a deletion says what becomes of the dependents.</summary>
internal static class DeletionFinalizers
{
    public const string Orphan = "orphan";
    public const string Foreground = "foregroundDeletion";

    /// <summary>Throws 422 for options that are not understood.</summary>
    public static void Check(DeleteQuery query)
    {
        if (query.PropagationPolicy is not ("" or "Foreground" or "Background" or "Orphan"))
        {
            throw Refusal.InvalidOptions("DeleteOptions", FieldError.NotSupported(
                "propagationPolicy", FieldError.Quote(query.PropagationPolicy), ["Foreground", "Background", "Orphan", "nil"]));
        }
    }

    /// <summary>Sets them in place as the query asks; true when that changed something.</summary>
    public static bool Set(JsonObject value, DeleteQuery query)
    {
        var present = (value["metadata"]?["finalizers"] as JsonArray ?? []).Select(f => f!.ToString()).ToList();
        var wanted = present.Where(f => f is not (Orphan or Foreground)).ToList();
        if (query.PropagationPolicy == "Orphan" || (query.PropagationPolicy.Length == 0 && present.Contains(Orphan)))
            wanted.Add(Orphan);
        else if (query.PropagationPolicy == "Foreground" || (query.PropagationPolicy.Length == 0 && present.Contains(Foreground)))
            wanted.Add(Foreground);
        if (wanted.SequenceEqual(present, StringComparer.Ordinal) || wanted.ToHashSet().SetEquals(present))
            return false;
        Write(value, wanted);
        return true;
    }

    /// <summary>Takes one out in place.</summary>
    public static void Remove(JsonObject value, string finalizer) =>
        Write(value, (value["metadata"]?["finalizers"] as JsonArray ?? []).Select(f => f!.ToString()).Where(f => f != finalizer));

    public static bool Has(JsonObject value, string finalizer) =>
        (value["metadata"]?["finalizers"] as JsonArray ?? []).Any(f => f?.ToString() == finalizer);

    private static void Write(JsonObject value, IEnumerable<string> finalizers)
    {
        var array = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]);
        value.EnsureMetadata().Set("finalizers", array.Count == 0 ? null : array);
    }
}

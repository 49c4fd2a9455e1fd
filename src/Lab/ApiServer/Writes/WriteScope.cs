using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>What a write through the object or through its status may touch.</summary>
internal static class WriteScope
{
    private static readonly string[] ServersOwn = ["name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion"];
    private static readonly string[] DeletionFields = ["deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>The written object with everything of the present one that the write may not touch. Takes the written one over.</summary>
    public static JsonObject Limit(KindModel model, JsonObject written, JsonObject present, string subresource)
    {
        var result = written;
        if (subresource == "status")
            result = OnlyStatus(model, written, present);
        else if (model.Definition.HasStatus)
            result.Set("status", present["status"]);
        if (subresource.Length == 0 && model.Is(BuiltInResources.Namespaces))
            result.Ensure("spec").Set("finalizers", present["spec"]?["finalizers"]);
        var metadata = result.EnsureMetadata();
        foreach (var field in ServersOwn)
            metadata.Set(field, present["metadata"]?[field]);
        // A time of deletion that somebody writes is refused later, and not dropped.
        foreach (var field in DeletionFields)
        {
            if (present["metadata"]?[field] is { } set)
                metadata.Set(field, set);
        }

        metadata.Remove("selfLink");
        metadata.Remove("managedFields");
        return result;
    }

    /// <summary>The part of an applied object that its endpoint takes.</summary>
    public static JsonObject LimitApplied(KindModel model, JsonObject applied, string subresource)
    {
        var result = applied.Copy();
        if (subresource.Length == 0)
        {
            if (model.Definition.HasStatus)
                result.Remove("status");
            return result;
        }

        foreach (var name in result.Select(p => p.Key).Where(k => k is not ("apiVersion" or "kind" or "metadata" or "status")).ToList())
            result.Remove(name);
        if (!KeepsMetadataOfStatusWrites(model))
            result.Remove("metadata");
        return result;
    }

    private static JsonObject OnlyStatus(KindModel model, JsonObject written, JsonObject present)
    {
        var result = present.Copy();
        result.Set("status", written["status"]);
        if (!KeepsMetadataOfStatusWrites(model))
            return result;
        result.Set("metadata", written["metadata"]);
        if (model.Is(BuiltInResources.Pods))
            result.EnsureMetadata().Set("ownerReferences", present["metadata"]?["ownerReferences"]);
        return result;
    }

    // Labels and annotations of nodes, pods and namespaces can be written with their status; not those of others.
    private static bool KeepsMetadataOfStatusWrites(KindModel model) =>
        !model.Definition.IsCustom && !model.Is(BuiltInResources.CustomResourceDefinitions);
}

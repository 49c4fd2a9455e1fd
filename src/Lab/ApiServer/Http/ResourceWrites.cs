using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>POST, PUT and PATCH.</summary>
internal sealed class ResourceWrites(KubeStore store, TimeProvider time)
{
    private const string JsonPatch = "application/json-patch+json";
    private const string MergePatch = "application/merge-patch+json";
    private const string StrategicMergePatch = "application/strategic-merge-patch+json";
    private const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>POST to a collection.</summary>
    public async Task<WriteResult> CreateAsync(HttpContext context, ResourceDefinition resource, RequestPath path)
    {
        if (resource.Namespaced && path.Namespace.Length == 0)
            throw Refusals.BadRequest("an empty namespace may not be set during creation");
        var query = RequestQuery.Write(context.Request, string.Empty, "CreateOptions.meta.k8s.io");
        return store.Create(resource, path.Namespace, await RequestBody.ObjectAsync(context), query, time.GetUtcNow());
    }

    /// <summary>PUT of an object or one of its subresources.</summary>
    public async Task<WriteResult> ReplaceAsync(HttpContext context, ResourceDefinition resource, RequestPath path)
    {
        var body = await RequestBody.ObjectAsync(context);
        if (path.Subresource == "finalize")
            return store.FinalizeNamespace(path.Name, body, time.GetUtcNow());
        var query = RequestQuery.Write(context.Request, path.Subresource, "UpdateOptions.meta.k8s.io");
        return store.Update(resource, new ObjectName(path.Namespace, path.Name), body, query, time.GetUtcNow());
    }

    /// <summary>PATCH of an object or one of its subresources.</summary>
    public async Task<WriteResult> PatchAsync(HttpContext context, ResourceDefinition resource, RequestPath path)
    {
        string[] served = resource.IsCustom
            ? [JsonPatch, MergePatch, ApplyPatch]
            : [JsonPatch, MergePatch, StrategicMergePatch, ApplyPatch];
        var mediaType = RequestBody.TypeOf(context.Request);
        if (!served.Contains(mediaType, StringComparer.Ordinal))
            throw Refusals.BodyOf(served);
        var type = mediaType switch
        {
            JsonPatch => PatchType.Json,
            MergePatch => PatchType.Merge,
            StrategicMergePatch => PatchType.StrategicMerge,
            _ => PatchType.Apply,
        };
        var query = RequestQuery.Write(context.Request, path.Subresource, "PatchOptions.meta.k8s.io", type == PatchType.Apply);
        var body = await RequestBody.ReadAsync(context);
        if (type == PatchType.Json ? body is not JsonArray : body is not JsonObject)
            throw Refusals.BadRequest(type == PatchType.Json ? "a JSON patch must be an array of operations" : "a patch must be a JSON object");
        return store.Patch(resource, new ObjectName(path.Namespace, path.Name), type, body!, query, time.GetUtcNow());
    }
}

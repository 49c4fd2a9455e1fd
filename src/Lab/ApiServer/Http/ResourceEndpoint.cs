using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Store;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>The verbs on resources: reads a request into the store's query and writes the store's answer.</summary>
internal sealed class ResourceEndpoint(KubeStore store, ApiServerOptions options)
{
    private readonly ResourceColumns _columns = new();
    private readonly ResourceWrites _writes = new(store, options.Time);

    /// <summary>Answers a request for a resource; throws what is refused.</summary>
    public async Task HandleAsync(HttpContext context, RequestPath path)
    {
        var resource = store.Catalog.Find(path.Group, path.Version, path.Resource) ?? throw Refusals.NoSuchResource();
        CheckScope(resource, path);
        var format = AnswerFormat.Of(context.Request);
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method))
            await ReadAsync(context, resource, path, format);
        else if (path.Name.Length > 0 && HttpMethods.IsPut(method))
            await AnswerAsync(context, resource, format, await _writes.ReplaceAsync(context, resource, path));
        else if (path.Name.Length > 0 && HttpMethods.IsPatch(method) && path.Subresource != "finalize")
            await AnswerAsync(context, resource, format, await _writes.PatchAsync(context, resource, path));
        else if (path.Name.Length == 0 && HttpMethods.IsPost(method))
            await AnswerAsync(context, resource, format, await _writes.CreateAsync(context, resource, path));
        else if (path.Subresource.Length == 0 && HttpMethods.IsDelete(method))
            await DeleteAsync(context, resource, path, format);
        else
            throw Refusals.NoSuchMethod();
    }

    private static void CheckScope(ResourceDefinition resource, RequestPath path)
    {
        if (path.Namespace.Length > 0 && !resource.Namespaced)
            throw Refusals.NoSuchResource();
        if (path.Name.Length > 0 && resource.Namespaced && path.Namespace.Length == 0)
            throw Refusals.NoSuchResource();
        var served = path.Subresource switch
        {
            "" => true,
            "status" => resource.HasStatus,
            "finalize" => resource is { Group: "", Plural: "namespaces" },
            _ => false,
        };
        if (!served)
            throw Refusals.NoSuchResource($"this API server has no {path.Resource}/{path.Subresource}");
    }

    private async Task ReadAsync(HttpContext context, ResourceDefinition resource, RequestPath path, AnswerFormat format)
    {
        if (RequestQuery.IsWatch(context.Request))
        {
            var query = RequestQuery.Watch(context.Request, path.Namespace, path.Name);
            await new WatchStream(context, options, format, Table(resource)).RunAsync(store.Watch(resource, query));
            return;
        }

        if (path.Name.Length > 0)
        {
            // Always the newest: also what a client asks for that has seen a version.
            store.CheckVersion(RequestQuery.Text(context.Request, "resourceVersion"));
            await AnswerAsync(context, resource, format, 200, store.Get(resource, new ObjectName(path.Namespace, path.Name)));
            return;
        }

        var page = store.List(resource, RequestQuery.List(context.Request, path.Namespace));
        await AnswerAsync(context, resource, format, page);
    }

    private async Task DeleteAsync(HttpContext context, ResourceDefinition resource, RequestPath path, AnswerFormat format)
    {
        var query = RequestQuery.Delete(context.Request, await RequestBody.OptionalAsync(context));
        var now = options.Time.GetUtcNow();
        if (path.Name.Length == 0)
        {
            if (resource is { Group: "", Plural: "namespaces" })
                throw Refusals.NoSuchMethod();
            var gone = store.DeleteCollection(resource, RequestQuery.List(context.Request, path.Namespace), query, now);
            await AnswerAsync(context, resource, format, gone);
            return;
        }

        var deleted = store.Delete(resource, new ObjectName(path.Namespace, path.Name), query, now);
        if (deleted.Object is { } left)
            await AnswerAsync(context, resource, format, 200, left);
        else
            await Answer.StatusAsync(context, deleted.Status!);
    }

    private Task AnswerAsync(HttpContext context, ResourceDefinition resource, AnswerFormat format, WriteResult result)
    {
        Answer.Warn(context, result.Warnings);
        return AnswerAsync(context, resource, format, result.Created ? 201 : 200, result.Object);
    }

    private Task AnswerAsync(HttpContext context, ResourceDefinition resource, AnswerFormat format, int code, KubeObject found) => format.Form switch
    {
        AnswerForm.Table => Answer.JsonAsync(
            context, code, Table(resource).Table([found.Full], TableFormat.MetadataOf(found.ResourceVersion), format.Rows, headers: true), format.Pretty),
        AnswerForm.Metadata => Answer.JsonAsync(context, code, TableFormat.Metadata(found.Full), format.Pretty),
        _ when format.Pretty => Answer.JsonAsync(context, code, found.Full, pretty: true),
        _ => Answer.BytesAsync(context, code, found.Utf8),
    };

    private Task AnswerAsync(HttpContext context, ResourceDefinition resource, AnswerFormat format, ListPage page)
    {
        var metadata = TableFormat.MetadataOf(page.ResourceVersion);
        if (page.Continue.Length > 0)
            metadata["continue"] = page.Continue;
        if (page.RemainingItems is { } rest)
            metadata["remainingItemCount"] = rest;
        switch (format.Form)
        {
            case AnswerForm.Table:
                var table = Table(resource).Table(page.Items.Select(item => item.Full), metadata, format.Rows, headers: true);
                return Answer.JsonAsync(context, 200, table, format.Pretty);
            case AnswerForm.Metadata:
                var partial = TableFormat.MetadataList(page.Items.Select(item => item.Full), metadata);
                return Answer.JsonAsync(context, 200, partial, format.Pretty);
            case AnswerForm.Objects when format.Pretty:
                var list = new JsonObject
                {
                    ["kind"] = resource.ListKind,
                    ["apiVersion"] = resource.ApiVersion,
                    ["metadata"] = metadata,
                    ["items"] = new JsonArray([.. page.Items.Select(item => resource.IsCustom ? item.Full.DeepClone() : item.Item())]),
                };
                return Answer.JsonAsync(context, 200, list, pretty: true);
            default:
                return Answer.BytesAsync(context, 200, List(resource, metadata, page.Items));
        }
    }

    // Put together from the objects' own bytes: long lists are the most of what a server writes.
    private static ReadOnlyMemory<byte> List(ResourceDefinition resource, JsonObject metadata, IReadOnlyList<KubeObject> items)
    {
        ReadOnlyMemory<byte> Bytes(KubeObject item) => resource.IsCustom ? item.Utf8 : item.ItemUtf8;
        var buffer = new ArrayBufferWriter<byte>(256 + items.Sum(item => Bytes(item).Length + 1));
        var head = $"{{\"kind\":{Quote(resource.ListKind)},\"apiVersion\":{Quote(resource.ApiVersion)},\"metadata\":{metadata.ToJsonString()},\"items\":[";
        Encoding.UTF8.GetBytes(head, buffer);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                buffer.Write(","u8);
            buffer.Write(Bytes(items[i]).Span);
        }

        buffer.Write("]}\n"u8);
        return buffer.WrittenMemory;
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private TableFormat Table(ResourceDefinition resource) => new(_columns.Of(resource), options.Time);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Fields;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>One stored state of an object. It never changes: lists, watches and history share it.</summary>
public sealed class KubeObject
{
    private JsonObject? full;
    private byte[]? utf8;
    private byte[]? bare;
    private byte[]? item;

    internal KubeObject(JsonObject json, Managers managers)
    {
        (Json, Managers) = (json, managers);
        Name = new ObjectName(json.Metadata("namespace"), json.Metadata("name"));
    }

    /// <summary>The object without its managedFields. Not to be modified.</summary>
    public JsonObject Json { get; }

    /// <summary>The object with its managedFields, as it is answered. Not to be modified.</summary>
    public JsonObject Full => full ??= WithManagers();

    /// <summary><see cref="Full"/> as JSON text.</summary>
    public ReadOnlyMemory<byte> Utf8 => utf8 ??= JsonSerializer.SerializeToUtf8Bytes(Full);

    /// <summary><see cref="Json"/> as JSON text.</summary>
    public ReadOnlyMemory<byte> BareUtf8 => bare ??= JsonSerializer.SerializeToUtf8Bytes(Json);

    /// <summary><see cref="Full"/> as JSON text without apiVersion and kind: so are the items of a list of a built-in kind, which says them once.</summary>
    public ReadOnlyMemory<byte> ItemUtf8 => item ??= JsonSerializer.SerializeToUtf8Bytes(Item());

    /// <summary><c>metadata.resourceVersion</c>.</summary>
    public string ResourceVersion => Json.Metadata("resourceVersion");

    /// <summary><c>metadata.uid</c>.</summary>
    public string Uid => Json.Metadata("uid");

    /// <summary>Namespace and name.</summary>
    public ObjectName Name { get; }

    /// <summary>Whether somebody has deleted it: it waits for its finalizers or its grace period.</summary>
    public bool IsDeleting => Json["metadata"]?["deletionTimestamp"] is not null;

    internal Managers Managers { get; }

    /// <summary>The same object in another version of its resource (conversion strategy None).</summary>
    internal KubeObject As(string apiVersion)
    {
        if (Json.Text("apiVersion") == apiVersion)
            return this;
        var json = Json.Copy();
        json["apiVersion"] = apiVersion;
        return new KubeObject(json, Managers);
    }

    /// <summary>The same state under another version.</summary>
    internal KubeObject At(long version)
    {
        var json = Json.Copy();
        json["metadata"]!["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new KubeObject(json, Managers);
    }

    /// <summary><see cref="Full"/> without apiVersion and kind.</summary>
    internal JsonObject Item()
    {
        var json = Full.Copy();
        json.Remove("apiVersion");
        json.Remove("kind");
        return json;
    }

    private JsonObject WithManagers()
    {
        if (Managers.IsEmpty)
            return Json;
        var result = Json.Copy();
        result["metadata"]!["managedFields"] = Managers.ToJson();
        return result;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Makes a <see cref="KubeKind{T}"/> from a source-generated JSON contract.</summary>
public static class KubeKindFactory
{
    /// <summary>
    /// A kind that is read and written through <paramref name="json"/>. What is read and written always carries
    /// <c>apiVersion</c>, <c>kind</c> and a metadata object: items of a list come without the first two.
    /// </summary>
    public static KubeKind<T> Create<T>(
        string group, string version, string plural, string kind, bool namespaced, JsonTypeInfo<T> json)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(json);
        var apiVersion = group.Length == 0 ? version : $"{group}/{version}";
        return new KubeKind<T>(
            group,
            version,
            plural,
            kind,
            namespaced,
            body => Named(Parse(body, json, kind), apiVersion, kind),
            value => JsonSerializer.SerializeToUtf8Bytes(Named(value, apiVersion, kind), json));
    }

    /// <summary>A deep copy: objects out of a cache are shared and must not be changed.</summary>
    public static T Copy<T>(this KubeKind<T> kind, T value)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(kind);
        return kind.Read(kind.Write(value));
    }

    private static T Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, string kind)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, json) ?? throw new JsonException($"a {kind} is null");
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidOperationException or ArgumentException)
        {
            // The client library's converters (dates, quantities) let these through for malformed text.
            throw new JsonException($"a {kind} has a malformed value: {e.Message}", e);
        }
    }

    private static T Named<T>(T value, string apiVersion, string kind)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        value.ApiVersion = apiVersion;
        value.Kind = kind;
        value.Metadata ??= new V1ObjectMeta();
        return value;
    }
}

using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>A kind of object: where it is served and how it is read from and written to JSON (AOT-safe).</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version within the group, such as <c>v1</c>.</param>
/// <param name="Plural">Resource name in the URL, such as <c>nodeippools</c>.</param>
/// <param name="Kind">Kind name, such as <c>NodeIpPool</c>.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
/// <param name="Read">Parses one object from UTF-8 JSON. Throws <see cref="System.Text.Json.JsonException"/>.</param>
/// <param name="Write">Serialises one object to UTF-8 JSON.</param>
public sealed record KubeKind<T>(
    string Group,
    string Version,
    string Plural,
    string Kind,
    bool Namespaced,
    Func<ReadOnlyMemory<byte>, T> Read,
    Func<T, byte[]> Write)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The <c>apiVersion</c> of this kind: <c>v1</c> or <c>group/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

using k8s;
using k8s.Models;

namespace Vnetcni.Api.Serialization;

/// <summary>Where one of our kinds is served and how it is read and written (AOT-safe). A host makes its client's kind of it.</summary>
/// <param name="Group">API group.</param>
/// <param name="Version">Version within the group.</param>
/// <param name="Plural">Resource name in the URL.</param>
/// <param name="Kind">Kind name.</param>
/// <param name="Namespaced">Always false here.</param>
/// <param name="Read">Parses one object from UTF-8 JSON; unknown fields are skipped. Throws <see cref="System.Text.Json.JsonException"/>.</param>
/// <param name="Write">Serialises one object; null fields are left out.</param>
public sealed record ApiKind<T>(
    string Group,
    string Version,
    string Plural,
    string Kind,
    bool Namespaced,
    Func<ReadOnlyMemory<byte>, T> Read,
    Func<T, byte[]> Write)
    where T : class, IKubernetesObject<V1ObjectMeta>;

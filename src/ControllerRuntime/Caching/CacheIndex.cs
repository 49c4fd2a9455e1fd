using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>A named way to find objects by value, such as pods by node.</summary>
/// <param name="Name">The name that a lookup gives.</param>
/// <param name="Values">The values of one object; pure, and never throws.</param>
public sealed record CacheIndex<T>(string Name, Func<T, IEnumerable<string>> Values)
    where T : class, IKubernetesObject<V1ObjectMeta>;

using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>A change of one object in a cache. One of the two states is never null.</summary>
/// <param name="Key">The object.</param>
/// <param name="Old">The state before; null for a new object.</param>
/// <param name="New">The state now; null for a deleted object. Another uid than before: deleted and made again.</param>
public readonly record struct ObjectChange<T>(ObjectKey Key, T? Old, T? New)
    where T : class, IKubernetesObject<V1ObjectMeta>;

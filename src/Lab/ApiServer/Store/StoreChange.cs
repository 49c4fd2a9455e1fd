using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>One committed change.</summary>
/// <param name="Version">Its resourceVersion.</param>
/// <param name="Resource">Of which resource, in its storage version.</param>
/// <param name="Name">The object.</param>
/// <param name="Before">The state before; null when created.</param>
/// <param name="After">The state after; null when deleted.</param>
public sealed record StoreChange(long Version, ResourceDefinition Resource, ObjectName Name, KubeObject? Before, KubeObject? After);

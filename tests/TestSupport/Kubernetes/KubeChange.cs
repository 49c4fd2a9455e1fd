using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>One committed change. The JSON must not be modified.</summary>
/// <param name="Version">Its resourceVersion.</param>
/// <param name="Resource">The plural, with the group where there is one.</param>
/// <param name="Key">The object.</param>
/// <param name="Before">The state before; null when created.</param>
/// <param name="After">The state after; null when deleted.</param>
public sealed record KubeChange(long Version, string Resource, ObjectKey Key, JsonObject? Before, JsonObject? After);

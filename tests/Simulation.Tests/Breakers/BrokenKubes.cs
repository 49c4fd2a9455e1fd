using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Simulation.Tests.Breakers;

/// <summary>Drops the resourceVersion of every status write of a resource: the last one wins, whatever it was computed from.</summary>
internal sealed class KubeWithoutPreconditions(IKubeApi inner, string resource) : PassingKube(inner)
{
    public override Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
    {
        if (kind.Plural == resource && options.Subresource == "status")
            body = Patches.Edit(body, patch => (patch["metadata"] as JsonObject)?.Remove("resourceVersion"));
        return base.PatchAsync(kind, key, body, options, cancellationToken);
    }
}

/// <summary>Leaves the finalizer out of every apply of a resource.</summary>
internal sealed class KubeWithoutFinalizers(IKubeApi inner, string resource) : PassingKube(inner)
{
    public override Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
    {
        if (kind.Plural == resource && options.Subresource.Length == 0)
            body = Patches.Edit(body, patch => (patch["metadata"] as JsonObject)?.Remove("finalizers"));
        return base.PatchAsync(kind, key, body, options, cancellationToken);
    }
}

/// <summary>Takes every field that an apply names from whoever owns it.</summary>
internal sealed class KubeThatForces(IKubeApi inner) : PassingKube(inner)
{
    public override Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken) =>
        base.PatchAsync(kind, key, body, options.Type == KubePatchType.Apply ? options with { Force = true } : options, cancellationToken);
}

/// <summary>Answers a list from what it showed the first time.</summary>
internal sealed class KubeThatRemembers(IKubeApi inner) : PassingKube(inner)
{
    private readonly Dictionary<string, object> seen = new(StringComparer.Ordinal);

    public override async Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
    {
        if (seen.TryGetValue(kind.Plural, out var known))
            return (KubeList<T>)known;
        var page = await base.ListAsync(kind, options, cancellationToken);
        seen[kind.Plural] = page;
        return page;
    }
}

/// <summary>Patches as JSON.</summary>
internal static class Patches
{
    public static ReadOnlyMemory<byte> Edit(ReadOnlyMemory<byte> body, Action<JsonObject> edit)
    {
        var patch = JsonNode.Parse(body.Span)!.AsObject();
        edit(patch);
        return Encoding.UTF8.GetBytes(patch.ToJsonString());
    }
}

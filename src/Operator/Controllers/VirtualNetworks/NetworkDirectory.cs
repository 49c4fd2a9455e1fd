using k8s.Models;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Finds the object of an Azure virtual network, makes it when there is none, and keeps what ARM showed for a while.</summary>
internal sealed class NetworkDirectory(OperatorContext context, VirtualNetworkClient client)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ResourceId, (long At, VirtualNetworkView View)> views = [];

    /// <summary>The object that counts for an id: the oldest, then the first name. Null when there is none.</summary>
    public VirtualNetwork? Find(string resourceId) => context.VirtualNetworks.Snapshot.Objects
        .Where(n => Same(n.Spec?.ResourceId, resourceId))
        .OrderBy(static n => n.Metadata.CreationTimestamp ?? DateTime.MaxValue)
        .ThenBy(static n => n.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>
    /// Name of the object of a virtual network; makes it when it is first seen. A fault instead when that name stands for something else.
    /// </summary>
    public async Task<(string Name, string? Fault)> EnsureAsync(ResourceId id, CancellationToken cancellationToken)
    {
        if (Find(id.ToString()) is { } found)
            return (found.Metadata.Name, null);
        var name = VirtualNetworkNames.For(id.ToString());
        if (await context.Api.GetAsync(OperatorKinds.VirtualNetworks, new ObjectKey(name), cancellationToken) is { } taken)
        {
            return Same(taken.Spec?.ResourceId, id.ToString())
                ? (name, null)
                : (name, $"VirtualNetwork {name} has the resourceId '{taken.Spec?.ResourceId}', and is the name for {id}; delete it, or give it that resourceId");
        }

        var made = new VirtualNetwork
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new VirtualNetworkSpec
            {
                ResourceId = id.ToString(),
                PodAddressLimit = context.Settings.PerVirtualNetwork,
                ReservedForOthers = 0,
            },
        };
        try
        {
            await context.Api.CreateAsync(OperatorKinds.VirtualNetworks, made, cancellationToken);
        }
        catch (KubeApiException e) when (e.IsAlreadyExists)
        {
            // The other operator was first.
            return (name, null);
        }

        return (name, null);
    }

    /// <summary>What ARM shows of a virtual network, at most <paramref name="age"/> old.</summary>
    public async Task<ArmResult<VirtualNetworkView>> GetAsync(ResourceId id, TimeSpan age, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (views.TryGetValue(id, out var kept) && context.Time.GetElapsedTime(kept.At) <= age)
                return new ArmResult<VirtualNetworkView>(kept.View, null);
        }

        var began = context.Time.GetTimestamp();
        var result = await client.GetAsync(id, cancellationToken);
        if (result.IsSuccess)
        {
            lock (gate)
                views[id] = (began, result.Value);
        }

        return result;
    }

    private static bool Same(string? a, string b) =>
        a is not null && a.TrimEnd('/').Equals(b.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}

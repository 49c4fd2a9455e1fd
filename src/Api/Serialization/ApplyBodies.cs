using System.Buffers;
using System.Text.Json;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Serialization;

/// <summary>
/// Bodies of server-side apply. Each holds all the fields that its manager owns and no other: what a manager leaves out of
/// its next body, the server removes.
/// </summary>
public static class ApplyBodies
{
    /// <summary>The operator's part of a pool's status (manager <see cref="FieldManagers.OperatorStatus"/>, subresource status); usage is left out.</summary>
    public static byte[] OperatorStatus(ApplyTarget target, NodeIpPoolStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Body(target, NodeIpPool.KindName, writer =>
        {
            writer.WritePropertyName("status");
            JsonSerializer.Serialize(writer, status with { Usage = null }, VnetcniJsonContext.Default.NodeIpPoolStatus);
        });
    }

    /// <summary>The agent's part of a pool's status (manager <see cref="FieldManagers.Agent"/>, subresource status).</summary>
    public static byte[] AgentUsage(ApplyTarget target, NodeIpPoolUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return Body(target, NodeIpPool.KindName, writer =>
        {
            writer.WriteStartObject("status");
            writer.WritePropertyName("usage");
            JsonSerializer.Serialize(writer, usage, VnetcniJsonContext.Default.NodeIpPoolUsage);
            writer.WriteEndObject();
        });
    }

    /// <summary>
    /// A pool's spec, label and finalizer (manager <see cref="FieldManagers.OperatorSpec"/>, without force). Without a
    /// resourceVersion it creates the pool.
    /// </summary>
    /// <param name="target">The pool.</param>
    /// <param name="spec">The resolved spec; null when a person owns it.</param>
    /// <param name="finalizer">Whether the finalizer stays; false lets a deleted pool go.</param>
    public static byte[] OperatorSpec(ApplyTarget target, NodeIpPoolSpec? spec, bool finalizer) => Body(
        target,
        NodeIpPool.KindName,
        writer =>
        {
            if (spec is null)
                return;
            writer.WritePropertyName("spec");
            JsonSerializer.Serialize(writer, spec, VnetcniJsonContext.Default.NodeIpPoolSpec);
        },
        finalizer ? WellKnownNames.Finalizer : null,
        managed: spec is not null);

    /// <summary>The finalizer of a virtual network and nothing else (manager <see cref="FieldManagers.OperatorSpec"/>, without force).</summary>
    /// <param name="target">The virtual network.</param>
    /// <param name="finalizer">Whether it stays; false lets a deleted object go.</param>
    public static byte[] VirtualNetworkFinalizer(ApplyTarget target, bool finalizer) => Body(
        target, VirtualNetwork.KindName, static _ => { }, finalizer ? WellKnownNames.VirtualNetworkFinalizer : null);

    /// <summary>A class's status (manager <see cref="FieldManagers.OperatorStatus"/>, subresource status).</summary>
    public static byte[] ClassStatus(ApplyTarget target, NodeIpPoolClassStatus status) => Body(
        target,
        NodeIpPoolClass.KindName,
        writer =>
        {
            writer.WritePropertyName("status");
            JsonSerializer.Serialize(writer, status, VnetcniJsonContext.Default.NodeIpPoolClassStatus);
        });

    /// <summary>A virtual network's status (manager <see cref="FieldManagers.OperatorStatus"/>, subresource status).</summary>
    public static byte[] VirtualNetworkStatus(ApplyTarget target, VirtualNetworkStatus status) => Body(
        target,
        VirtualNetwork.KindName,
        writer =>
        {
            writer.WritePropertyName("status");
            JsonSerializer.Serialize(writer, status, VnetcniJsonContext.Default.VirtualNetworkStatus);
        });

    private static byte[] Body(
        ApplyTarget target, string kind, Action<Utf8JsonWriter> rest, string? finalizer = null, bool managed = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(target.Name);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", ApiGroup.ApiVersion);
            writer.WriteString("kind", kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", target.Name);
            if (target.Uid is not null)
                writer.WriteString("uid", target.Uid);
            if (target.ResourceVersion is not null)
                writer.WriteString("resourceVersion", target.ResourceVersion);
            if (managed)
            {
                writer.WriteStartObject("labels");
                writer.WriteString(WellKnownNames.ManagedByLabel, WellKnownNames.ManagedByOperator);
                writer.WriteEndObject();
            }

            if (finalizer is not null)
            {
                writer.WriteStartArray("finalizers");
                writer.WriteStringValue(finalizer);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            rest(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

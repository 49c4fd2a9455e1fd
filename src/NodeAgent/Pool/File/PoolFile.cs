using System.Text.Json;
using System.Text.Json.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.NodeAgent.Pool.File;

/// <summary>
/// A pool written by hand or by another tool: <c>{"addresses": ["10.1.0.4", ...], "pool": {...}, "dataplane": {...}}</c>, with the
/// settings of a NodeIpPool's spec. Whoever writes it has put the addresses on the NIC.
/// </summary>
internal sealed record PoolFile : INodeSettings
{
    /// <summary>Largest file read, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The node's pod addresses.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <inheritdoc/>
    public NetworkInterfaceSettings? NetworkInterface { get; init; }

    /// <inheritdoc/>
    public PoolSettings? Pool { get; init; }

    /// <inheritdoc/>
    public SnatSettings? Snat { get; init; }

    /// <inheritdoc/>
    public string? MetadataAccess { get; init; }

    /// <inheritdoc/>
    public DataplaneSettings? Dataplane { get; init; }

    /// <summary>Reads it. Throws <see cref="FormatException"/> with the fault for people.</summary>
    public static PoolSnapshot Parse(ReadOnlySpan<byte> json, string path)
    {
        if (json.Length > MaxBytes)
            throw new FormatException($"{path} has {json.Length} bytes, more than {MaxBytes}");
        PoolFile file;
        try
        {
            file = JsonSerializer.Deserialize(json, PoolFileContext.Default.PoolFile) ?? throw new FormatException($"{path} holds null");
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path} is not a pool: {e.Message}", e);
        }

        var settings = EffectiveSettings.Of(file);
        var texts = file.Addresses ?? [];
        if (texts.Count > settings.MaxAddresses)
            throw new FormatException($"{path} lists {texts.Count} addresses, more than maxAddresses {settings.MaxAddresses}");
        SortedSet<IpAddress> addresses = [];
        foreach (var text in texts)
        {
            if (!IpAddress.TryParse(text, out var address) || !ServedFamily.Has(address))
                throw new FormatException($"{path}: '{text}' is not an IPv4 address");
            if (!addresses.Add(address))
                throw new FormatException($"{path} lists {address} twice");
        }

        var publication = new Publication
        {
            Addresses = [.. addresses.Select(address => new ListedAddress(address, Releasing: false))],
            OwnWriteCommitted = true, // nobody takes addresses back through a file
            AtLimit = true, // and nobody adds any on demand
        };
        return new PoolSnapshot(publication, settings, $"the pool file {path} lists {addresses.Count} addresses: add more there", Present: true)
        {
            ExcludedCidrs = settings.ExcludedCidrs,
        };
    }
}

/// <summary>The JSON contract of <see cref="PoolFile"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(PoolFile))]
internal sealed partial class PoolFileContext : JsonSerializerContext;

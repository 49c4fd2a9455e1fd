using Vnetcni.Api.Durations;

namespace Vnetcni.Api.Settings;

/// <summary>Settings with every default filled in and durations parsed: what the controllers and the agent compute with.</summary>
public sealed record EffectiveSettings
{
    /// <summary>See <see cref="NetworkInterfaceSelectors"/>.</summary>
    public string InterfaceSelector { get; init; } = NetworkInterfaceSelectors.Primary;

    /// <summary>Name of the interface; empty for the primary one.</summary>
    public string InterfaceName { get; init; } = string.Empty;

    /// <summary>Free addresses below which the pool grows.</summary>
    public int MinFree { get; init; } = 8;

    /// <summary>Free addresses above which the pool shrinks.</summary>
    public int MaxFree { get; init; } = 24;

    /// <summary>A target is rounded up to a multiple of this.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The most addresses for pods on the node.</summary>
    public int MaxAddresses { get; init; } = SettingsLimits.MaxAddressesPerNode;

    /// <summary>How long a freed address rests.</summary>
    public TimeSpan ReuseCooldown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an address is in excess before it is given back.</summary>
    public TimeSpan ReleaseDelay { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Addresses granted before the agent first reported.</summary>
    public int WarmUp { get; init; }

    /// <summary>See <see cref="SnatModes"/>.</summary>
    public string SnatMode { get; init; } = SnatModes.Auto;

    /// <summary>User-given destinations without translation.</summary>
    public IReadOnlyList<string> ExcludedCidrs { get; init; } = [];

    /// <summary>See <see cref="Settings.MetadataAccess"/>.</summary>
    public string MetadataAccess { get; init; } = Settings.MetadataAccess.Deny;

    /// <summary>See <see cref="DataplaneModes"/>.</summary>
    public string DataplaneMode { get; init; } = DataplaneModes.Transparent;

    /// <summary>MTU in bytes; 0 takes the interface's.</summary>
    public int Mtu { get; init; }

    /// <summary>How long an ADD waits for an address.</summary>
    public TimeSpan AddTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The defaults.</summary>
    public static EffectiveSettings Default { get; } = new();

    /// <summary>
    /// Fills in the defaults. Validate first: throws <see cref="FormatException"/> for a duration that cannot be read and
    /// checks nothing else.
    /// </summary>
    public static EffectiveSettings Of(INodeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var d = Default;
        return new EffectiveSettings
        {
            InterfaceSelector = settings.NetworkInterface?.Selector ?? d.InterfaceSelector,
            InterfaceName = settings.NetworkInterface?.Name ?? d.InterfaceName,
            MinFree = settings.Pool?.MinFree ?? d.MinFree,
            MaxFree = settings.Pool?.MaxFree ?? d.MaxFree,
            BatchSize = settings.Pool?.BatchSize ?? d.BatchSize,
            MaxAddresses = settings.Pool?.MaxAddresses ?? d.MaxAddresses,
            ReuseCooldown = Duration(settings.Pool?.ReuseCooldown, d.ReuseCooldown),
            ReleaseDelay = Duration(settings.Pool?.ReleaseDelay, d.ReleaseDelay),
            WarmUp = settings.Pool?.WarmUp ?? d.WarmUp,
            SnatMode = settings.Snat?.Mode ?? d.SnatMode,
            ExcludedCidrs = settings.Snat?.ExcludedCidrs ?? d.ExcludedCidrs,
            MetadataAccess = settings.MetadataAccess ?? d.MetadataAccess,
            DataplaneMode = settings.Dataplane?.Mode ?? d.DataplaneMode,
            Mtu = settings.Dataplane?.Mtu ?? d.Mtu,
            AddTimeout = Duration(settings.Dataplane?.AddTimeout, d.AddTimeout),
        };
    }

    private static TimeSpan Duration(string? text, TimeSpan otherwise) => text is null ? otherwise : KubeDuration.Parse(text);
}

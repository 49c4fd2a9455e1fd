using System.Globalization;

namespace Vnetcni.Lab.Soak;

/// <summary>The soak's NodeIpPoolClass: small pools and short waits, so that they grow and shrink all the time.</summary>
internal static class SoakClass
{
    /// <summary>Its <c>maxFree</c>.</summary>
    public const int MaxFree = 24;

    /// <summary>The manifest.</summary>
    public static string Of(TimeSpan cooldown) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        apiVersion: vnetcni.dev/v1alpha1
        kind: NodeIpPoolClass
        metadata:
          name: soak
        spec:
          pool:
            minFree: 12
            maxFree: {MaxFree}
            batchSize: 8
            reuseCooldown: {CooldownText(cooldown)}
            releaseDelay: 3s
          dataplane:
            addTimeout: 30s
        """);

    /// <summary>A cooldown as the class writes it.</summary>
    public static string CooldownText(TimeSpan cooldown) => string.Create(CultureInfo.InvariantCulture, $"{cooldown.TotalSeconds:0}s");
}

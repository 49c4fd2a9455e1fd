using System.Globalization;
using System.Net;
using Vnetcni.Api.Durations;
using Vnetcni.Api.Settings;

namespace Vnetcni.Api.Validation;

/// <summary>
/// The rules of the settings, repeated from the schemas: an API server without CEL drops the rules silently. A value is
/// echoed at most 64 characters long.
/// </summary>
internal static class SettingsRules
{
    internal static void Check(INodeSettings settings, List<SpecError> errors)
    {
        CheckInterface(settings.NetworkInterface, errors);
        CheckPool(settings.Pool, errors);
        CheckSnat(settings.Snat, errors);
        OneOf("spec.metadataAccess", settings.MetadataAccess, MetadataAccess.All, errors);
        CheckDataplane(settings.Dataplane, errors);
    }

    internal static void Range(string path, int? value, int min, int max, string nextStep, List<SpecError> errors)
    {
        if (value < min || value > max)
            errors.Add(new SpecError(path, Number(value.Value), $"{Number(min)} to {Number(max)}", nextStep));
    }

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    internal static string Quote(string? value) =>
        value is null ? "not set" : value.Length <= 64 ? $"'{value}'" : $"'{value[..64]}...'";

    private static void CheckInterface(NetworkInterfaceSettings? settings, List<SpecError> errors)
    {
        OneOf("spec.networkInterface.selector", settings?.Selector, NetworkInterfaceSelectors.All, errors);
        var named = settings?.Selector == NetworkInterfaceSelectors.Named;
        if (named && string.IsNullOrEmpty(settings?.Name))
            errors.Add(new SpecError("spec.networkInterface.name", "empty", "set when selector is Named", "Set the interface's name or use the selector Primary"));
        if (!named && !string.IsNullOrEmpty(settings?.Name))
            errors.Add(new SpecError("spec.networkInterface.name", Quote(settings.Name), "empty unless selector is Named", "Set selector: Named or remove name"));
        if (settings?.Name is { Length: > 80 } name)
            errors.Add(new SpecError("spec.networkInterface.name", $"{Number(name.Length)} characters long", "at most 80 characters", "Use the name of the Azure resource"));
    }

    private static void CheckPool(PoolSettings? pool, List<SpecError> errors)
    {
        const int node = SettingsLimits.MaxAddressesPerNode;
        var d = EffectiveSettings.Default;
        Range("spec.pool.minFree", pool?.MinFree, 0, node, "Set a number in the range", errors);
        Range("spec.pool.maxFree", pool?.MaxFree, 1, node + SettingsLimits.MaxBatchSize, "Set a number in the range", errors);
        Range("spec.pool.batchSize", pool?.BatchSize, 1, SettingsLimits.MaxBatchSize, "Set a number in the range", errors);
        Range("spec.pool.maxAddresses", pool?.MaxAddresses, 1, node, "An interface holds 256 addresses and six of them are not for pods; use more nodes", errors);
        Range("spec.pool.warmUp", pool?.WarmUp, 0, node, "Set a number in the range", errors);
        // long: the sum of hostile values must not wrap around.
        var (min, batch, max) = ((long)(pool?.MinFree ?? d.MinFree), (long)(pool?.BatchSize ?? d.BatchSize), pool?.MaxFree ?? d.MaxFree);
        if (max < min + batch)
            errors.Add(new SpecError("spec.pool.maxFree", Number(max), FormattableString.Invariant($"at least minFree + batchSize = {min + batch}"), "Raise maxFree, or lower minFree or batchSize; else the pool would grow and shrink in turns"));
        if ((pool?.WarmUp ?? d.WarmUp) > (pool?.MaxAddresses ?? d.MaxAddresses))
            errors.Add(new SpecError("spec.pool.warmUp", Number(pool?.WarmUp ?? d.WarmUp), $"at most maxAddresses = {Number(pool?.MaxAddresses ?? d.MaxAddresses)}", "Lower warmUp or raise maxAddresses"));
        Duration("spec.pool.reuseCooldown", pool?.ReuseCooldown, TimeSpan.Zero, SettingsLimits.MaxReuseCooldown, errors);
        Duration("spec.pool.releaseDelay", pool?.ReleaseDelay, TimeSpan.Zero, SettingsLimits.MaxReleaseDelay, errors);
    }

    private static void CheckSnat(SnatSettings? snat, List<SpecError> errors)
    {
        OneOf("spec.snat.mode", snat?.Mode, SnatModes.All, errors);
        var cidrs = snat?.ExcludedCidrs ?? [];
        if (cidrs.Count > SettingsLimits.MaxExcludedCidrs)
            errors.Add(new SpecError("spec.snat.excludedCidrs", $"{Number(cidrs.Count)} entries long", $"at most {Number(SettingsLimits.MaxExcludedCidrs)} entries", "Merge neighbouring ranges"));
        for (var i = 0; i < Math.Min(cidrs.Count, SettingsLimits.MaxExcludedCidrs); i++)
        {
            if (!IsCidr(cidrs[i]))
                errors.Add(new SpecError($"spec.snat.excludedCidrs[{Number(i)}]", Quote(cidrs[i]), "a CIDR without host bits", "Write it as 10.0.0.0/8"));
        }
    }

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && text.Length <= 43
            && IPNetwork.TryParse(text, out var network)
            && IPAddress.TryParse(text.AsSpan(0, slash), out var address)
            && address.Equals(network.BaseAddress);
    }

    private static void CheckDataplane(DataplaneSettings? dataplane, List<SpecError> errors)
    {
        OneOf("spec.dataplane.mode", dataplane?.Mode, DataplaneModes.All, errors);
        if (dataplane?.Mtu is { } mtu && mtu != 0 && mtu is < SettingsLimits.MinMtu or > SettingsLimits.MaxMtu)
            errors.Add(new SpecError("spec.dataplane.mtu", Number(mtu), $"0, or {Number(SettingsLimits.MinMtu)} to {Number(SettingsLimits.MaxMtu)}", "Use 0 to take the interface's MTU"));
        Duration("spec.dataplane.addTimeout", dataplane?.AddTimeout, SettingsLimits.MinAddTimeout, SettingsLimits.MaxAddTimeout, errors);
    }

    private static void OneOf(string path, string? value, IReadOnlyList<string> allowed, List<SpecError> errors)
    {
        if (value is not null && !allowed.Contains(value, StringComparer.Ordinal))
            errors.Add(new SpecError(path, Quote(value), $"one of {string.Join(", ", allowed)}", "Use one of them; a newer value may need a newer operator"));
    }

    private static void Duration(string path, string? value, TimeSpan min, TimeSpan max, List<SpecError> errors)
    {
        if (value is null)
            return;
        if (!KubeDuration.TryParse(value, out var time) || time < min || time > max)
            errors.Add(new SpecError(path, Quote(value), $"a duration of {KubeDuration.Format(min)} to {KubeDuration.Format(max)}", "Write whole hours, minutes and seconds, such as 30s or 1h30m"));
    }
}

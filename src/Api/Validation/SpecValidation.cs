using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Validation;

/// <summary>The rules of the specs. An empty list means valid.</summary>
public static class SpecValidation
{
    /// <summary>Longest ARM id that is taken.</summary>
    public const int MaxResourceIdLength = 1024;

    /// <summary>Checks a class.</summary>
    public static IReadOnlyList<SpecError> Validate(NodeIpPoolClass value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Spec is not { } spec)
            return [Missing];
        var errors = new List<SpecError>();
        SettingsRules.Check(spec, errors);
        SettingsRules.Range("spec.priority", spec.Priority, -1_000_000, 1_000_000, "Set a number in the range", errors);
        var expressions = spec.NodeSelector?.MatchExpressions ?? [];
        for (var i = 0; i < expressions.Count; i++)
            CheckExpression(expressions[i], $"spec.nodeSelector.matchExpressions[{SettingsRules.Number(i)}]", errors);
        return errors;
    }

    /// <summary>Checks a pool.</summary>
    public static IReadOnlyList<SpecError> Validate(NodeIpPool value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Spec is not { } spec)
            return [Missing];
        var errors = new List<SpecError>();
        if (string.IsNullOrEmpty(spec.NodeName) || spec.NodeName != value.Metadata.Name)
            errors.Add(new SpecError("spec.nodeName", SettingsRules.Quote(spec.NodeName), $"metadata.name = {SettingsRules.Quote(value.Metadata.Name)}", "Name the pool like its Node"));
        SettingsRules.Check(spec, errors);
        return errors;
    }

    /// <summary>Checks a virtual network.</summary>
    public static IReadOnlyList<SpecError> Validate(VirtualNetwork value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Spec is not { } spec)
            return [Missing];
        var errors = new List<SpecError>();
        if (!IsVirtualNetworkId(spec.ResourceId))
            errors.Add(new SpecError("spec.resourceId", SettingsRules.Quote(spec.ResourceId), "the ARM id of a virtual network", "Copy it from: az network vnet show --query id"));
        SettingsRules.Range("spec.podAddressLimit", spec.PodAddressLimit, 1, SettingsLimits.MaxAddressesPerVirtualNetwork, "Lower the limit", errors);
        SettingsRules.Range("spec.reservedForOthers", spec.ReservedForOthers, 0, SettingsLimits.AzureAddressesPerVirtualNetwork, "Set a number in the range", errors);
        return errors;
    }

    private static SpecError Missing { get; } = new("spec", "not set", "set", "Write a spec, see kubectl explain");

    private static void CheckExpression(NodeSelectorRequirement requirement, string path, List<SpecError> errors)
    {
        if (!SelectorOperators.All.Contains(requirement.Operator, StringComparer.Ordinal))
            errors.Add(new SpecError($"{path}.operator", SettingsRules.Quote(requirement.Operator), $"one of {string.Join(", ", SelectorOperators.All)}", "Use one of them"));
        var needsValues = requirement.Operator is SelectorOperators.In or SelectorOperators.NotIn;
        var count = requirement.Values?.Count ?? 0;
        if (needsValues != count > 0)
            errors.Add(new SpecError($"{path}.values", $"{SettingsRules.Number(count)} entries long", needsValues ? "not empty with In and NotIn" : "empty with Exists and DoesNotExist", "Change values or the operator"));
    }

    private static bool IsVirtualNetworkId(string? id)
    {
        if (id is null || id.Length > MaxResourceIdLength)
            return false;
        var parts = id.Split('/');
        return parts.Length == 9
            && parts[0].Length == 0
            && Is(1, "subscriptions") && Is(3, "resourceGroups") && Is(5, "providers")
            && Is(6, "Microsoft.Network") && Is(7, "virtualNetworks")
            && parts[2].Length != 0 && parts[4].Length != 0 && parts[8].Length != 0;

        bool Is(int index, string text) => parts[index].Equals(text, StringComparison.OrdinalIgnoreCase);
    }
}

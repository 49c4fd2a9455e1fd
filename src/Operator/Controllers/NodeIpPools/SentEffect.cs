using System.Globalization;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>
/// Compares an interface with what was sent: ARM may answer 200, call the operation Succeeded, and have done nothing. Uniform scale sets
/// are known for it.
/// </summary>
internal static class SentEffect
{
    /// <summary>Code of what ARM does not call an error.</summary>
    public const string Code = "WriteWithoutEffect";

    /// <summary>
    /// How many of the changes are not there. A model is written whole, and all of it must be there; a change of nothing must at least
    /// have moved the ETag.
    /// </summary>
    public static int Missing(SentPut sent, NicView nic)
    {
        var missing = sent.Removed.Where(name => nic.Find(name) is not null)
            .Concat(sent.Added.Where(name => !IsThere(nic.Find(name))))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (nic.IsOfScaleSet)
            missing.UnionWith(nic.IpConfigurations.Where(static c => c.IsOurs && !IsThere(c)).Select(static c => c.Name));
        return missing.Count == 0 && nic.ETag == sent.IfMatch ? 1 : missing.Count;
    }

    private static bool IsThere(NicIpConfiguration? configuration) => configuration is { Address: not null, IsLeaving: false };

    /// <summary>The error that such a write is.</summary>
    public static ArmError ErrorOf(SentPut sent, int missing) => new()
    {
        Status = 200,
        Code = Code,
        Message = string.Create(
            CultureInfo.InvariantCulture,
            $"Azure accepted the change and calls it done, yet {missing} changes are not on the interface; it is sent again."),
        Cause = ArmCause.ServerFault,
        Action = ArmAction.Retry,
        CorrelationId = sent.CorrelationId,
    };
}

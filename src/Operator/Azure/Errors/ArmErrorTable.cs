using System.Collections.Frozen;
using Vnetcni.Api.Names;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Azure.Errors;

/// <summary>One known code.</summary>
/// <param name="Cause">What it means.</param>
/// <param name="Action">What to do.</param>
/// <param name="Generic">Whether a code in the details says more than this one.</param>
internal sealed record ArmErrorRule(ArmCause Cause, ArmAction Action, bool Generic = false);

/// <summary>
/// Errors are classified by code, not by status: ARM sends AnotherOperationInProgress as 400, 409 and 429, and uses 429 for
/// locks that are no throttling.
/// Sources: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors,
/// https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
/// </summary>
internal static class ArmErrorTable
{
    /// <summary>Code of an interface with too many configurations. The real one is not documented, so it can be replaced here alone.</summary>
    internal const string NicFullCode = "NetworkInterfaceIpConfigurationCountLimitExceeded";

    private static readonly FrozenDictionary<string, ArmErrorRule> Rules = new Dictionary<string, ArmErrorRule>(StringComparer.OrdinalIgnoreCase)
    {
        ["SubnetIsFull"] = new(ArmCause.SubnetFull, ArmAction.GiveUp),
        ["PrivateIPAddressIsAllocated"] = new(ArmCause.AddressTaken, ArmAction.GiveUp),
        ["PrivateIPAddressInUse"] = new(ArmCause.AddressTaken, ArmAction.GiveUp),
        ["PrivateIPAddressNotInSubnet"] = new(ArmCause.AddressNotUsable, ArmAction.GiveUp),
        ["PrivateIPAddressInReservedRange"] = new(ArmCause.AddressNotUsable, ArmAction.GiveUp),
        ["IpConfigurationsOnSameNicCannotUseDifferentSubnets"] = new(ArmCause.SubnetsDiffer, ArmAction.GiveUp),
        [NicFullCode] = new(ArmCause.NicFull, ArmAction.GiveUp),
        ["PreconditionFailed"] = new(ArmCause.EtagStale, ArmAction.ReRead, Generic: true),
        ["PreconditionFailedEtagMismatch"] = new(ArmCause.EtagStale, ArmAction.ReRead),
        ["RetryableError"] = new(ArmCause.DependencyBusy, ArmAction.Retry, Generic: true),
        ["ReferencedResourceNotProvisioned"] = new(ArmCause.DependencyBusy, ArmAction.Wait),
        ["RetryableErrorDueToAnotherOperation"] = new(ArmCause.Busy, ArmAction.Wait),
        ["AnotherOperationInProgress"] = new(ArmCause.Busy, ArmAction.Wait),
        ["OperationNotAllowedOnResourceBeingUpdated"] = new(ArmCause.Busy, ArmAction.Wait),
        ["SubscriptionRequestsThrottled"] = new(ArmCause.Throttled, ArmAction.Wait),
        ["TooManyRequests"] = new(ArmCause.Throttled, ArmAction.Wait),
        ["Canceled"] = new(ArmCause.Superseded, ArmAction.ReRead, Generic: true),
        ["CanceledAndSupersededDueToAnotherOperation"] = new(ArmCause.Superseded, ArmAction.ReRead),
        ["NicInUse"] = new(ArmCause.NicInUse, ArmAction.GiveUp),
        [ScheduledArm.HeldBack] = new(ArmCause.Busy, ArmAction.Wait),
        ["NicReservedForAnotherVm"] = new(ArmCause.NicReserved, ArmAction.Wait),
        ["ResourceNotFound"] = new(ArmCause.NotFound, ArmAction.GiveUp),
        ["ResourceGroupNotFound"] = new(ArmCause.NotFound, ArmAction.GiveUp),
        ["ParentResourceNotFound"] = new(ArmCause.NotFound, ArmAction.GiveUp),
        ["SubscriptionNotFound"] = new(ArmCause.NotFound, ArmAction.GiveUp),
        ["NotFound"] = new(ArmCause.NotFound, ArmAction.GiveUp),
        ["AuthorizationFailed"] = new(ArmCause.Forbidden, ArmAction.Forbidden),
        ["LinkedAuthorizationFailed"] = new(ArmCause.Forbidden, ArmAction.Forbidden),
        ["DenyAssignmentAuthorizationFailed"] = new(ArmCause.Denied, ArmAction.Forbidden),
        ["RequestDisallowedByPolicy"] = new(ArmCause.Denied, ArmAction.Forbidden),
        ["ScopeLocked"] = new(ArmCause.Denied, ArmAction.Forbidden),
        ["AuthenticationFailed"] = new(ArmCause.TokenRefused, ArmAction.Retry),
        ["InvalidAuthenticationToken"] = new(ArmCause.TokenRefused, ArmAction.Retry),
        ["ExpiredAuthenticationToken"] = new(ArmCause.TokenRefused, ArmAction.Retry),
        ["InvalidParameter"] = new(ArmCause.BadRequest, ArmAction.GiveUp),
        ["BadRequest"] = new(ArmCause.BadRequest, ArmAction.GiveUp, Generic: true),
        ["InvalidRequestFormat"] = new(ArmCause.BadRequest, ArmAction.GiveUp, Generic: true),
        ["InternalServerError"] = new(ArmCause.ServerFault, ArmAction.Retry, Generic: true),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    internal static ArmErrorRule? Find(string code) => Rules.GetValueOrDefault(code);

    /// <summary>For codes that the table does not know.</summary>
    internal static ArmErrorRule ByStatus(int status) => status switch
    {
        401 => new(ArmCause.TokenRefused, ArmAction.Retry),
        403 => new(ArmCause.Forbidden, ArmAction.Forbidden),
        404 or 410 => new(ArmCause.NotFound, ArmAction.GiveUp),
        409 => new(ArmCause.Busy, ArmAction.Wait),
        412 => new(ArmCause.EtagStale, ArmAction.ReRead),
        429 => new(ArmCause.Throttled, ArmAction.Wait),
        408 or >= 500 => new(ArmCause.ServerFault, ArmAction.Retry),
        >= 400 => new(ArmCause.BadRequest, ArmAction.GiveUp),
        // A failed operation behind HTTP 200: what stands now is not known.
        _ => new(ArmCause.Unknown, ArmAction.ReRead),
    };

    /// <summary>Reason of the Ready condition for a cause, or null when the error is no state of its own.</summary>
    internal static string? ReasonOf(ArmCause cause) => cause switch
    {
        ArmCause.SubnetFull => Reasons.SubnetExhausted,
        ArmCause.NicFull => Reasons.NodeLimitReached,
        ArmCause.Throttled => Reasons.Throttled,
        ArmCause.NotFound => Reasons.NicNotFound,
        ArmCause.Forbidden or ArmCause.Denied or ArmCause.TokenRefused => Reasons.Forbidden,
        _ => null,
    };
}

using System.Globalization;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>Every error that the simulator gives, with Azure's code, status and message where these are known.</summary>
internal static class ArmErrors
{
    // Azure's own codes for these are not published.
    public const string TooManyConfigurations = "NetworkInterfaceIpConfigurationCountLimitExceeded";
    public const string TooManyOnVm = "VirtualMachineIpConfigurationCountLimitExceeded";
    public const string TooManyInVnet = "VirtualNetworkPrivateIPAddressLimitExceeded";
    public const string PrimaryRule = "NetworkInterfaceMustHaveExactlyOnePrimaryIpConfiguration";
    public const string DifferentGroups = "IpConfigurationsOnSameNicCannotUseDifferentApplicationSecurityGroups";
    public const string NotSimulated = "NotSupportedBySimulator";

    public static ArmError SubnetIsFull(string subnet, string cidr, int wanted) =>
        new(400, "SubnetIsFull", $"Subnet {subnet} with address prefix {cidr} does not have enough capacity for {N(wanted)} IP addresses.") { Details = [] };

    public static ArmError AddressIsAllocated(string config, string address, string other) =>
        new(400, "PrivateIPAddressIsAllocated", $"IP configuration {config} is using the private IP address {address} which is already allocated to resource {other}.") { Details = [] };

    public static ArmError AddressNotInSubnet(string address, string cidr) =>
        new(400, "PrivateIPAddressNotInSubnet", $"Private static IP address {address} does not belong to the range of subnet prefix {cidr}.") { Details = [] };

    public static ArmError AddressReserved(string address, string cidr) =>
        new(400, "PrivateIPAddressInReservedRange", $"Private static IP address {address} falls within reserved IP range of subnet prefix {cidr}.") { Details = [] };

    public static ArmError DifferentSubnets(string nic, string a, string b) =>
        new(400, "IpConfigurationsOnSameNicCannotUseDifferentSubnets", $"IPConfigurations on a Nic {nic} cannot belong to different subnets. Subnets referred: {a};{b}") { Details = [] };

    public static ArmError DifferentAsgs(string nic) =>
        new(400, DifferentGroups, $"IPConfigurations on a Nic {nic} must refer to the same application security groups.") { Details = [] };

    public static ArmError NicLimit(string nic, int count, int limit) =>
        new(400, TooManyConfigurations, $"Network interface {nic} has {N(count)} IP configurations; at most {N(limit)} are allowed.") { Details = [] };

    public static ArmError VmLimit(string vm, int count, int limit) =>
        new(400, TooManyOnVm, $"The network interfaces of virtual machine {vm} would have {N(count)} private IP addresses; at most {N(limit)} are allowed.") { Details = [] };

    public static ArmError VnetLimit(string vnet, int count, int limit) =>
        new(400, TooManyInVnet, $"Virtual network {vnet} would have {N(count)} private IP addresses; at most {N(limit)} are allowed.") { Details = [] };

    public static ArmError Primary(string nic, int count) =>
        new(400, PrimaryRule, $"Network interface {nic} has {N(count)} primary IP configurations; exactly one is required.") { Details = [] };

    public static ArmError ReferenceNotFound(string id, string by) =>
        new(400, "InvalidResourceReference", $"Resource {id} referenced by resource {by} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.") { Details = [] };

    public static ArmError NicInUse(string nic, string vm) =>
        new(400, "NicInUse", $"Network Interface {nic} is used by existing VM {vm}.") { Details = [] };

    public static ArmError EtagMismatch(string given, string actual, string id) =>
        new(412, "PreconditionFailed", "Precondition failed.")
        {
            Details = [("PreconditionFailedEtagMismatch", $"Etag provided in if-match header {given} does not match etag {actual} of resource {id} in NRP data store.")],
        };

    public static ArmError VmEtagMismatch(string given, string actual) =>
        new(412, "PreconditionFailed", $"Etag provided in if-match header {given} does not match etag {actual} of resource.");

    public static ArmError InstanceIdNotNumber() =>
        new(400, "InvalidParameter", "Virtual Machine Scale Set VM instanceId must be a number.") { Target = "instanceId" };

    // Azure's code for this is not known; a client must not meet it.
    public static ArmError ImageReferenceGiven() =>
        new(400, "PropertyChangeNotAllowed", "Changing property 'imageReference' is not allowed.") { Target = "imageReference" };

    public static ArmError InterfacesDiffer(string vm) =>
        new(400, "InvalidParameter", $"The network interfaces of virtual machine {vm} cannot be added, removed or renamed.") { Target = "networkProfileConfiguration" };

    public static ArmError VmThrottled(string what, int limit, int seconds) =>
        new(429, "TooManyRequests", $"The server rejected the request because too many requests have been received for this {what}: the bucket of its updates holds {N(limit)}.") { RetryAfter = seconds };

    public static ArmError NotProvisioned(string id, string by, string state, string operation) =>
        Retryable("ReferencedResourceNotProvisioned", $"Cannot proceed with operation because resource {id} used by resource {by} is not in Succeeded state. Resource is in {state} state and the last operation that updated/is updating the resource is {operation}.");

    public static ArmError LockedByOperation(string id, Guid operation, string kind = "PutNetworkInterfaceOperation") =>
        Retryable("RetryableErrorDueToAnotherOperation", $"Operation {kind} ({operation}) is updating resource {id}. The call can be retried in 10 seconds.");

    public static ArmError OperationInProgress(string uri) =>
        new(409, "AnotherOperationInProgress", $"Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: {uri}.") { Details = [] };

    public static ArmError Superseded(Guid old, Guid by, string kind = "PutNetworkInterfaceOperation") =>
        new(0, "Canceled", "Operation was canceled.")
        {
            Details = [("CanceledAndSupersededDueToAnotherOperation", $"Operation {kind} ({old}) was canceled and superseded by operation {kind} ({by}).")],
        };

    public static ArmError Forbidden(string principal, string action, string scope) =>
        new(403, "AuthorizationFailed", $"The client '{principal}' with object id '{principal}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.");

    public static ArmError LinkedForbidden(string principal, string write, string scope, string action, string linked) =>
        new(403, "LinkedAuthorizationFailed", $"The client '{principal}' with object id '{principal}' has permission to perform action '{write}' on scope '{scope}'; however, it does not have permission to perform action(s) '{action}' on the linked scope(s) '{linked}' (respectively) or the linked scope(s) are invalid.");

    public static ArmError DeniedByAssignment(string principal, string action, string scope, string name) =>
        new(403, "DenyAssignmentAuthorizationFailed", $"The client '{principal}' with object id '{principal}' has permission to perform action '{action}' on scope '{scope}'; however, the access is denied because of the deny assignment with name '{name}' and Id '{name}' at scope '{scope}'.");

    public static ArmError ResourceNotFound(ResourceId id)
    {
        var (type, name) = id.ChildType is null ? (id.Type, id.Name) : ($"{id.Type}/{id.ChildType}", $"{id.Name}/{id.ChildName}");
        if (id.BelowType is not null)
            (type, name) = ($"{type}/{id.BelowType}", $"{name}/{id.BelowName}");
        return new(404, "ResourceNotFound", $"The Resource '{id.Namespace}/{type}/{name}' under resource group '{id.ResourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix")
        {
            Headers = [new("x-ms-failure-cause", "gateway")],
        };
    }

    public static ArmError GroupNotFound(string group) =>
        new(404, "ResourceGroupNotFound", $"Resource group '{group}' could not be found.") { Headers = [new("x-ms-failure-cause", "gateway")] };

    public static ArmError SubscriptionNotFound(string subscription) =>
        new(404, "SubscriptionNotFound", $"The subscription '{subscription}' could not be found.") { Headers = [new("x-ms-failure-cause", "gateway")] };

    public static ArmError OperationNotFound(string id) =>
        new(404, "OperationNotFound", $"Operation {id} was not found. It may have expired.");

    public static ArmError UnknownPath(string path) =>
        new(404, "InvalidResourceType", $"The resource type could not be found for '{path}'. The simulator knows networkInterfaces, virtualNetworks, subnets, virtualMachines, virtualMachineScaleSets and operations.");

    public static ArmError Unsupported(string what) => new(501, NotSimulated, what);

    public static ArmError MethodNotAllowed(string method) =>
        new(405, "MethodNotAllowed", $"The requested resource does not support http method '{method}'.");

    public static ArmError MissingApiVersion() =>
        new(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");

    public static ArmError Unauthenticated() =>
        new(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing or is not a bearer token.")
        {
            Headers = [new("WWW-Authenticate", "Bearer authorization_uri=\"https://login.windows.net/common\", error=\"invalid_token\"")],
        };

    public static ArmError BadContent(string why) =>
        new(400, "InvalidRequestContent", $"The request content was invalid and could not be deserialized: '{why}'.");

    public static ArmError BadFormat(string why, string? target = null) => new(400, "InvalidRequestFormat", why) { Target = target, Details = [] };

    public static ArmError TooLarge(long size, int limit) =>
        new(413, "RequestContentTooLarge", $"The request content size of {N(size)} bytes exceeds the maximum of {N(limit)} bytes.");

    public static ArmError LocationRequired() => new(400, "LocationRequired", "The location property is required for this definition.");

    public static ArmError LocationDiffers(string name, string group, string existing) =>
        new(409, "InvalidResourceLocation", $"The resource '{name}' already exists in location '{existing}' in resource group '{group}'. A resource with the same name cannot be created in another location. Please select a new resource name.");

    public static ArmError Throttled(string kind, string subscription, string principal, int seconds) =>
        new(429, "SubscriptionRequestsThrottled", $"Number of '{kind}' requests for subscription '{subscription}' actor '{principal}' exceeded. Please try again after '{N(seconds)}' seconds.") { RetryAfter = seconds };

    public static ArmError ProviderThrottled(int limit, double windowSeconds, string kind, int seconds) =>
        new(429, "TooManyRequests", $"The server rejected the request because too many requests have been received for this subscription: more than {N(limit)} {kind} of Microsoft.Network in {N((long)windowSeconds)} seconds.") { RetryAfter = seconds };

    private static ArmError Retryable(string code, string message) =>
        new(429, "RetryableError", "A retryable error occurred.") { Details = [(code, message)], RetryAfter = 10 };

    private static string N(long n) => n.ToString(CultureInfo.InvariantCulture);
}

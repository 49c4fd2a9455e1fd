using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Faults;

/// <summary>
/// What Azure answers with each code that is known: status, message, details. A fault rule needs to name the code alone. Where a real
/// message names resources, an example stands in for them; a rule's own message wins.
/// </summary>
internal static class FaultCatalogue
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/";
    private const string Nic = Group + "Microsoft.Network/networkInterfaces/node-1-nic";
    private const string Vnet = Group + "Microsoft.Network/virtualNetworks/vnet";
    private const string Vm = Group + "Microsoft.Compute/virtualMachines/node-1";
    private const string Principal = "00000000-0000-0000-0000-00000000000a";
    private const string Cidr = "10.100.0.0/20";

    private static readonly Dictionary<string, ArmError> All = new ArmError[]
    {
        ArmErrors.SubnetIsFull("nodes", Cidr, 1),
        ArmErrors.AddressIsAllocated(Nic + "/ipConfigurations/vnetcni-1", "10.100.0.9", Nic + "/ipConfigurations/other"),
        new(400, "PrivateIPAddressInUse", "Private IP address 10.100.0.9 is already in use.") { Details = [] },
        ArmErrors.AddressNotInSubnet("10.100.99.9", Cidr),
        ArmErrors.AddressReserved("10.100.0.1", Cidr),
        ArmErrors.DifferentSubnets(Nic, Vnet + "/subnets/nodes", Vnet + "/subnets/other"),
        ArmErrors.DifferentAsgs(Nic),
        ArmErrors.NicLimit(Nic, 257, 256),
        ArmErrors.EtagMismatch("W/\"a\"", "W/\"b\"", Nic),
        ArmErrors.NotProvisioned(Vnet + "/subnets/nodes", Nic, "Updating", "PutSubnetOperation"),
        new(429, "RetryableErrorDueToAnotherOperation", "The resource is locked by another operation."),
        ArmErrors.Throttled("write", "00000000-0000-0000-0000-000000000001", Principal, 17),
        ArmErrors.ProviderThrottled(1000, 300, "PUT and DELETE", 60),
        ArmErrors.OperationInProgress("https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Network/locations/westeurope/operations/00000000-0000-0000-0000-00000000000b"),
        ArmErrors.NicInUse(Nic, Vm),
        new(400, "NicReservedForAnotherVm", $"Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) or retry after 180 seconds. Reserved VM: {Vm}") { Details = [] },
        ArmErrors.ResourceNotFound(ResourceId.TryParse(Nic)!),
        ArmErrors.GroupNotFound("vnetcni"),
        ArmErrors.Forbidden(Principal, "Microsoft.Network/networkInterfaces/write", Nic),
        ArmErrors.LinkedForbidden(Principal, "Microsoft.Network/networkInterfaces/write", Nic, "Microsoft.Network/virtualNetworks/subnets/join/action", Vnet + "/subnets/nodes"),
        ArmErrors.DeniedByAssignment(Principal, "Microsoft.Network/networkInterfaces/write", Nic, "node resource group"),
        new(400, "InvalidParameter", "Virtual Machine Scale Set VM instanceId must be a number.") { Target = "instanceId" },
        ArmErrors.MethodNotAllowed("PATCH"),
        ArmErrors.Unauthenticated(),
        new(500, "InternalServerError", "An error occurred."),
        new(503, "ServiceUnavailable", "The service is unavailable now, retry."),
        new(504, "GatewayTimeout", "The gateway did not receive a response from 'Microsoft.Network' within the specified time period."),
    }.ToDictionary(static e => e.Code, StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Codes => All.Keys.Order(StringComparer.Ordinal);

    public static ArmError? Find(string code) => All.GetValueOrDefault(code);
}

namespace Vnetcni.Operator.Azure;

/// <summary>API versions that the client speaks. Source: https://learn.microsoft.com/rest/api/azure/</summary>
public static class ArmApiVersions
{
    /// <summary>Microsoft.Network.</summary>
    public const string Network = "2025-05-01";

    /// <summary>Microsoft.Compute.</summary>
    public const string Compute = "2025-04-01";

    /// <summary>
    /// Interfaces of uniform scale sets: their paths exist in this version, whatever Microsoft.Network's is.
    /// Source: https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces-in-vmss
    /// </summary>
    public const string ScaleSetNetwork = "2018-10-01";
}

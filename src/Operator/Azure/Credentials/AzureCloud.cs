namespace Vnetcni.Operator.Azure.Credentials;

/// <summary>
/// One Azure cloud: where ARM is, for whom its tokens are made and where people and programs sign in.
/// Source: https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and
/// https://learn.microsoft.com/azure/china/resources-developer-guide
/// </summary>
/// <param name="Name">As Azure's tools name it.</param>
/// <param name="Arm">ARM's address.</param>
/// <param name="Audience">Resource that its tokens name; without <c>/.default</c>.</param>
/// <param name="Authority">Sign-in host.</param>
internal sealed record AzureCloud(string Name, Uri Arm, string Audience, Uri Authority)
{
    internal static readonly AzureCloud Public = new(
        "AzureCloud", new Uri("https://management.azure.com"), "https://management.azure.com", new Uri("https://login.microsoftonline.com"));

    internal static readonly AzureCloud UsGovernment = new(
        "AzureUSGovernment", new Uri("https://management.usgovcloudapi.net"), "https://management.usgovcloudapi.net", new Uri("https://login.microsoftonline.us"));

    internal static readonly AzureCloud China = new(
        "AzureChinaCloud", new Uri("https://management.chinacloudapi.cn"), "https://management.chinacloudapi.cn", new Uri("https://login.chinacloudapi.cn"));

    /// <summary>The cloud of Azure's name (AzureCloud, AzureUSGovernment, AzureChinaCloud) or of the short one (public, usgov, china), in any case; null for another.</summary>
    internal static AzureCloud? Find(string name) => name.ToUpperInvariant() switch
    {
        "PUBLIC" or "AZURECLOUD" or "AZUREPUBLICCLOUD" => Public,
        "USGOV" or "AZUREUSGOVERNMENT" or "AZUREUSGOVERNMENTCLOUD" => UsGovernment,
        "CHINA" or "AZURECHINACLOUD" => China,
        _ => null,
    };
}

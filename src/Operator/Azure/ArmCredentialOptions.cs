namespace Vnetcni.Operator.Azure;

/// <summary>How the operator proves to ARM who it is.</summary>
public enum ArmCredentialMode
{
    /// <summary>A projected service account token is exchanged (Azure workload identity).</summary>
    Workload,

    /// <summary>The VM's managed identity.</summary>
    Managed,

    /// <summary>Client id and secret.</summary>
    Secret,

    /// <summary>Client id and a certificate with its private key.</summary>
    Certificate,

    /// <summary>A given token, for the simulator.</summary>
    StaticToken,
}

/// <summary>What the credential needs. Which fields count depends on the mode; one that belongs to another mode is an error, not ignored.</summary>
public sealed record ArmCredentialOptions
{
    /// <summary>Entra tenant; AZURE_TENANT_ID.</summary>
    public string? TenantId { get; init; }

    /// <summary>Application or user-assigned identity; AZURE_CLIENT_ID. Null with the managed mode takes the system-assigned one.</summary>
    public string? ClientId { get; init; }

    /// <summary>File with the projected token; AZURE_FEDERATED_TOKEN_FILE.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Client secret; AZURE_CLIENT_SECRET.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>File with the client certificate and its key; AZURE_CLIENT_CERTIFICATE_PATH.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Password of that file, or null; AZURE_CLIENT_CERTIFICATE_PASSWORD.</summary>
    public string? CertificatePassword { get; init; }

    /// <summary>Token of the static mode.</summary>
    public string? Token { get; init; }

    /// <summary>Sign-in host of another cloud; null is the public one's.</summary>
    public Uri? AuthorityHost { get; init; }
}

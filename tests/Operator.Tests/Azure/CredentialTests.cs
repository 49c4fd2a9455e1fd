using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Identity;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>What is wrong with an identity's settings is said before anything is sent, with the next step.</summary>
public sealed class CredentialTests : IDisposable
{
    private const string Id = "11111111-2222-3333-4444-555555555555";
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-credentials-").FullName;
    private readonly FakeTimeProvider _time = new(Now);

    private ArmCredentialOptions Workload => new() { TenantId = Id, ClientId = Id, TokenFile = Write("token", Token(Now.AddHours(1))) };

    private static ArmCredentialOptions Secret => new() { TenantId = Id, ClientId = Id, ClientSecret = "s" };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Workload", ArmCredentialMode.Workload)]
    [InlineData("managed", ArmCredentialMode.Managed)]
    [InlineData("secret", ArmCredentialMode.Secret)]
    [InlineData("certificate", ArmCredentialMode.Certificate)]
    [InlineData("static", ArmCredentialMode.StaticToken)]
    public void A_mode_is_read(string text, ArmCredentialMode mode) => Assert.Equal(mode, ArmCredentials.ParseMode(text));

    [Fact]
    public void An_unknown_mode_is_named_with_those_that_there_are() =>
        Assert.Contains("'msi'; use workload, managed, secret or certificate", Assert.Throws<ArmCredentialException>(() => ArmCredentials.ParseMode("msi")).Message);

    [Fact]
    public void Complete_settings_make_each_credential()
    {
        Assert.IsType<WorkloadIdentityCredential>(Create(ArmCredentialMode.Workload, Workload));
        Assert.IsType<ManagedIdentityCredential>(Create(ArmCredentialMode.Managed, new ArmCredentialOptions()));
        Assert.IsType<ManagedIdentityCredential>(Create(ArmCredentialMode.Managed, new ArmCredentialOptions { ClientId = Id }));
        Assert.IsType<ClientSecretCredential>(Create(ArmCredentialMode.Secret, Secret));
        Assert.IsType<ClientSecretCredential>(Create(ArmCredentialMode.Secret, Secret with { TenantId = "contoso.onmicrosoft.com" }));
        foreach (var (name, content, password) in new[] { ("c.pem", Pem(1), null), ("c.pfx", Pfx("pw"), "pw") })
        {
            var options = new ArmCredentialOptions { TenantId = Id, ClientId = Id, CertificateFile = Write(name, content), CertificatePassword = password };
            Assert.IsType<ClientCertificateCredential>(Create(ArmCredentialMode.Certificate, options));
        }
    }

    [Theory]
    [InlineData(ArmCredentialMode.Workload, "AZURE_FEDERATED_TOKEN_FILE is not set")]
    [InlineData(ArmCredentialMode.Secret, "AZURE_TENANT_ID is not set")]
    [InlineData(ArmCredentialMode.Certificate, "AZURE_TENANT_ID is not set")]
    [InlineData(ArmCredentialMode.StaticToken, "VNETCNI_ARM_TOKEN is not set")]
    public void A_missing_setting_is_named(ArmCredentialMode mode, string message) => Refuses(mode, new ArmCredentialOptions(), message);

    [Fact]
    public void Each_missing_setting_of_a_mode_is_named()
    {
        Refuses(ArmCredentialMode.Workload, Workload with { TenantId = null }, "AZURE_TENANT_ID is not set");
        Refuses(ArmCredentialMode.Workload, Workload with { ClientId = " " }, "AZURE_CLIENT_ID is not set");
        Refuses(ArmCredentialMode.Secret, Secret with { ClientId = null }, "AZURE_CLIENT_ID is not set");
        Refuses(ArmCredentialMode.Secret, Secret with { ClientSecret = "" }, "AZURE_CLIENT_SECRET is not set");
        Refuses(ArmCredentialMode.Certificate, Secret with { ClientSecret = null }, "AZURE_CLIENT_CERTIFICATE_PATH is not set");
    }

    [Theory]
    [InlineData("vnetcni-operator")]
    [InlineData("11111111-2222-3333-4444")]
    [InlineData("{11111111-2222-3333-4444-555555555555}")]
    public void An_id_that_is_no_GUID_is_shown(string id)
    {
        Refuses(ArmCredentialMode.Workload, Workload with { ClientId = id }, $"AZURE_CLIENT_ID '{id}' is not a GUID");
        Refuses(ArmCredentialMode.Managed, new ArmCredentialOptions { ClientId = id }, $"AZURE_CLIENT_ID '{id}' is not a GUID");
        Refuses(ArmCredentialMode.Secret, Secret with { TenantId = id }, $"AZURE_TENANT_ID '{id}' is neither a GUID nor a domain");
    }

    [Fact]
    public void Two_identities_at_once_are_refused_with_the_way_out()
    {
        Refuses(ArmCredentialMode.Workload, Workload with { ClientSecret = "s" }, "AZURE_CLIENT_SECRET is set too, which belongs to mode secret; unset it");
        Refuses(ArmCredentialMode.Workload, Workload with { CertificateFile = "/c.pem" }, "AZURE_CLIENT_CERTIFICATE_PATH is set too");
        Refuses(ArmCredentialMode.Secret, Secret with { TokenFile = "/token" }, "AZURE_FEDERATED_TOKEN_FILE is set too");
        Refuses(ArmCredentialMode.Managed, new ArmCredentialOptions { ClientSecret = "s" }, "choose VNETCNI_ARM_IDENTITY=secret");
        Refuses(ArmCredentialMode.Certificate, Secret, "AZURE_CLIENT_SECRET is set too");
    }

    [Fact]
    public void A_token_file_that_cannot_work_is_told_apart()
    {
        Refused(Path.Combine(_folder, "none"), "does not exist; project a service account token");
        Refused(_folder, "is a directory");
        Refused(Write("empty", "\n"), "is empty");
        Refused(Write("garbled", "not a token"), "holds no JSON web token");
        Refused(Write("parts", "a.!!!.c"), "holds no JSON web token");
        Refused(Write("ended", Token(Now.AddMinutes(-1))), "ended at 2029-12-31 23:59:00Z");
        Refused(Write("large", new string('x', 70_000)), "has 70000 bytes");

        void Refused(string file, string message)
        {
            var error = Refuses(ArmCredentialMode.Workload, Workload with { TokenFile = file }, message);
            Assert.DoesNotContain("not a token", error, StringComparison.Ordinal);
            Assert.Contains(file, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_token_without_an_end_is_taken() => Assert.NotNull(Create(ArmCredentialMode.Workload, Workload with { TokenFile = Write("t", $"e30.{Part("{}")}.c") }));

    [Fact]
    public void A_certificate_that_cannot_work_is_told_apart()
    {
        Refused("none.pem", null, "does not exist");
        Refused("empty.pem", [], "has 0 bytes");
        Refused("garbled.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"u8.ToArray(), "is no certificate with its key");
        Refused("garbled.pfx", [1, 2, 3], "is no certificate with its key");
        Refused("keyless.pfx", Keyless(), "without its private key");
        Refused("ended.pem", Pem(-1), "ended at 2029-12-31");
        Refused("early.pem", Pem(3), "is valid from 2030-01-03");
        Refused("locked.pfx", Pfx("other"), "AZURE_CLIENT_CERTIFICATE_PASSWORD is wrong");

        void Refused(string name, byte[]? content, string message)
        {
            var file = content is null ? Path.Combine(_folder, name) : Write(name, content);
            Refuses(ArmCredentialMode.Certificate, new ArmCredentialOptions { TenantId = Id, ClientId = Id, CertificateFile = file }, message);
        }
    }

    private global::Azure.Core.TokenCredential Create(ArmCredentialMode mode, ArmCredentialOptions options) => ArmCredentials.Create(mode, options, _time);

    private string Refuses(ArmCredentialMode mode, ArmCredentialOptions options, string message)
    {
        var error = Assert.Throws<ArmCredentialException>(() => Create(mode, options)).Message;
        Assert.Contains(message, error, StringComparison.Ordinal);
        return error;
    }

    private string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    private string Write(string name, byte[] content)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllBytes(file, content);
        return file;
    }

    private static string Token(DateTimeOffset end) => $"e30.{Part($$"""{"aud":"api://AzureADTokenExchange","exp":{{end.ToUnixTimeSeconds()}}}""")}.c2ln";

    private static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    // Ends `days` days after now; three means a certificate that starts in two.
    private static byte[] Pem(int days)
    {
        using var certificate = Certificate(Now.AddDays(days - 2), days == 3 ? 2 : 0, days);
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private static byte[] Pfx(string password)
    {
        using var certificate = Certificate(Now.AddDays(-1), 0, 1);
        return certificate.Export(X509ContentType.Pkcs12, password);
    }

    private static byte[] Keyless()
    {
        using var certificate = Certificate(Now.AddDays(-1), 0, 1);
        using var bare = X509CertificateLoader.LoadCertificate(certificate.RawData);
        return bare.Export(X509ContentType.Pkcs12);
    }

    private static X509Certificate2 Certificate(DateTimeOffset from, int shift, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(shift == 0 ? from : Now.AddDays(shift), days == 3 ? Now.AddDays(4) : Now.AddDays(days));
    }
}

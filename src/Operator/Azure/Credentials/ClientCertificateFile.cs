using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vnetcni.Operator.Azure.Credentials;

/// <summary>A client certificate with its private key: PEM (key in the same file) or PKCS#12.</summary>
internal static class ClientCertificateFile
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Reads and checks it. Throws <see cref="ArmCredentialException"/> that says what is wrong with the file.</summary>
    internal static X509Certificate2 Read(string file, string? password, CredentialText text, DateTimeOffset now)
    {
        var certificate = Load(file, password, text);
        if (!certificate.HasPrivateKey)
            throw Refused(certificate, text.Wrong($"AZURE_CLIENT_CERTIFICATE_PATH '{file}' holds a certificate without its private key; append the key in PEM, or give a PKCS#12 file"));
        if (certificate.NotAfter.ToUniversalTime() <= now.UtcDateTime)
            throw Refused(certificate, text.Wrong($"the certificate in '{file}' ended at {certificate.NotAfter.ToUniversalTime():u}; make a new one and add it to the application's credentials"));
        if (certificate.NotBefore.ToUniversalTime() > now.UtcDateTime)
            throw Refused(certificate, text.Wrong($"the certificate in '{file}' is valid from {certificate.NotBefore.ToUniversalTime():u} only; check the node's clock, or wait"));
        return certificate;
    }

    private static X509Certificate2 Load(string file, string? password, CredentialText text)
    {
        if (!File.Exists(file))
            throw text.Wrong($"AZURE_CLIENT_CERTIFICATE_PATH '{file}' does not exist; mount the certificate there");
        try
        {
            var length = new FileInfo(file).Length;
            if (length is 0 or > MaxBytes)
                throw text.Wrong($"AZURE_CLIENT_CERTIFICATE_PATH '{file}' has {length} bytes; it must be a certificate with its key, in PEM or PKCS#12");
            var bytes = File.ReadAllBytes(file);
            if (!bytes.AsSpan().StartsWith("-----"u8) && !bytes.AsSpan().ContainsPem())
                return X509CertificateLoader.LoadPkcs12(bytes, password);
            return string.IsNullOrEmpty(password) ? X509Certificate2.CreateFromPemFile(file) : X509Certificate2.CreateFromEncryptedPemFile(file, password);
        }
        catch (CryptographicException e)
        {
            throw text.Wrong($"AZURE_CLIENT_CERTIFICATE_PATH '{file}' is no certificate with its key in PEM or PKCS#12, or AZURE_CLIENT_CERTIFICATE_PASSWORD is wrong: {e.Message}", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not ArmCredentialException))
        {
            throw text.Wrong($"AZURE_CLIENT_CERTIFICATE_PATH '{file}' cannot be read: {e.Message} Let the operator's user read it (fsGroup of the pod)", e);
        }
    }

    private static bool ContainsPem(this Span<byte> bytes) => bytes.IndexOf("-----BEGIN "u8) >= 0;

    private static ArmCredentialException Refused(X509Certificate2 certificate, ArmCredentialException why)
    {
        certificate.Dispose();
        return why;
    }
}

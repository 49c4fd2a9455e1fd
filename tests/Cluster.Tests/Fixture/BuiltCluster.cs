using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>etcd and kube-apiserver started by eng/kube/up.sh, from the Debian build or from a folder of binaries.</summary>
internal sealed partial class BuiltCluster(string state, string? binaries) : ICluster
{
    public string Source => binaries is null ? "kube-apiserver built from Debian's sources" : $"the binaries in {binaries}";

    public string Kubeconfig => Path.Combine(state, "kubeconfig");

    private (string Name, string Value)[] Environment => binaries is null ? [] : [("VNETCNI_KUBE_BIN", binaries)];

    public Task StartServerAsync() => Script.RunAsync("eng/kube/up.sh", [state], TimeSpan.FromMinutes(25), Environment);

    public async Task<bool> TryStopServerAsync()
    {
        await Script.RunAsync("eng/kube/down.sh", [state, "--only", "kube-apiserver"], TimeSpan.FromMinutes(1));
        return true;
    }

    public async Task<bool> TryCompactAsync(long version)
    {
        var settings = await File.ReadAllTextAsync(Path.Combine(state, "run", "settings"));
        var port = EtcdPort().Match(settings).Groups["port"].Value;
        var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(state, "pki", "ca.crt"));
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates =
            [X509Certificate2.CreateFromPemFile(Path.Combine(state, "pki", "etcd-client.crt"), Path.Combine(state, "pki", "etcd-client.key"))];
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { authority },
        };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20) };
        // etcd's gRPC gateway: https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/
        var body = string.Create(CultureInfo.InvariantCulture, $"{{\"revision\":\"{version}\",\"physical\":true}}");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"https://127.0.0.1:{port}/v3/kv/compaction"), content);
        answer.EnsureSuccessStatusCode();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await Script.RunAsync("eng/kube/down.sh", [state], TimeSpan.FromMinutes(1));
        Directory.Delete(Path.GetDirectoryName(state)!, recursive: true);
    }

    [GeneratedRegex("etcd_port=\"?(?<port>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EtcdPort();
}

using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vnetcni.Lab.ApiServer.Http;
using Vnetcni.Lab.ApiServer.Store;
using Vnetcni.TestSupport.Kubernetes.Contract;

namespace Vnetcni.ApiServer.Tests.Contract;

/// <summary>The embedded API server against the contract that a real one is held to in the cluster tests.</summary>
public sealed class EmbeddedContractTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    public static TheoryData<string> Cases => [.. ContractSuite.Cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_embedded_server_keeps_it(string name) =>
        server.Target.RunAsync(ContractSuite.Cases[name], TestContext.Current.CancellationToken);
}

/// <summary>A server in this process as the contract's cases want it.</summary>
public sealed class EmbeddedServer : IAsyncLifetime
{
    private KubeApiServer server = null!;
    private HttpClient client = null!;

    /// <summary>A client with the token.</summary>
    internal HttpClient Client => client;

    /// <summary>What is served.</summary>
    internal KubeStore Store => server.Store;

    /// <summary>The target.</summary>
    internal ContractTarget Target { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        server = await KubeApiServer.StartAsync(new ApiServerOptions { Log = Console.Error.WriteLine }, CancellationToken.None);
        var lines = server.KubeConfig("127.0.0.1").Split('\n').Select(l => l.Trim()).ToArray();
        string Value(string name) => lines.First(l => l.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
        var authority = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(Value("certificate-authority-data"))));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        client = new HttpClient(handler) { BaseAddress = new Uri(Value("server")) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Value("token"));
        Target = new ContractTarget(client, "embedded");
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
    }
}

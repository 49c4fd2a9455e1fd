using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>
/// An embedded Kubernetes API server: a <see cref="KubeStore"/> behind https. It keeps everything in memory; a token that
/// is made at the start opens it. docs/api-server.md says what it serves.
/// </summary>
public sealed class KubeApiServer : IAsyncDisposable
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";
    private readonly WebApplication _application;
    private readonly ServerCertificates _certificates;
    private readonly GarbageLoop _garbage;
    private readonly string _token;

    private KubeApiServer(WebApplication application, ServerCertificates certificates, GarbageLoop garbage, KubeStore store, string token)
    {
        (_application, _certificates, _garbage, _token, Store) = (application, certificates, garbage, token, store);
        Port = new Uri(application.Urls.First()).Port;
    }

    /// <summary>What it serves.</summary>
    public KubeStore Store { get; }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>Starts it. Throws <see cref="IOException"/> when it cannot listen.</summary>
    public static async Task<KubeApiServer> StartAsync(ApiServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var store = new KubeStore(new KubeStoreOptions(NewUid, NewSuffix, options.HistoryWindow, RequestBody.ObjectLimit), options.Time.GetUtcNow());
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var certificates = ServerCertificates.Create(
            ["localhost", "127.0.0.1", "::1", options.Address.ToString(), "kubernetes.default.svc", .. options.Names], options.Time.GetUtcNow());
        var application = Build(options, certificates, new ApiEndpoint(store, options, token));
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            certificates.Dispose();
            throw;
        }

        return new KubeApiServer(application, certificates, new GarbageLoop(store, options), store, token);
    }

    /// <summary>The kubeconfig that reaches it at a host, which must be among the certificate's names.</summary>
    public string KubeConfig(string host)
    {
        var uri = new UriBuilder(Uri.UriSchemeHttps, host, Port).Uri;
        return KubeConfigFile.Text(uri, _certificates.AuthorityPem, _token);
    }

    /// <summary>Writes <see cref="KubeConfig"/> to a file that only its owner can read.</summary>
    public Task WriteKubeConfigAsync(string path, string host, CancellationToken cancellationToken) =>
        KubeConfigFile.WriteAsync(path, KubeConfig(host), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Watches are cut short: nobody waits for them any more.
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
        await _garbage.DisposeAsync();
        _certificates.Dispose();
    }

    private static WebApplication Build(ApiServerOptions options, ServerCertificates certificates, ApiEndpoint endpoint)
    {
        // The other builders watch all files below the working directory.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.HardLimit;
            // A watch may have nothing to say for long.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(new IPEndPoint(options.Address, options.Port), listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificates.Server);
            });
        });
        var application = builder.Build();
        application.Run(endpoint.HandleAsync);
        return application;
    }

    private static string NewUid()
    {
        var bytes = RandomNumberGenerator.GetBytes(16);
        // Version 4, variant 1: RFC 9562, section 5.4.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static string NewSuffix() => RandomNumberGenerator.GetString(SuffixLetters, 5);
}

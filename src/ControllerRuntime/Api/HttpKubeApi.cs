using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>The Kubernetes API over HTTP, in JSON, with bounded sizes and times.</summary>
public sealed class HttpKubeApi : IKubeApi, IDisposable
{
    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/json");
    private readonly HttpClient http;
    private readonly string host;
    private readonly HttpKubeApiOptions options;
    private readonly TimeProvider time;

    /// <summary>Speaks through <paramref name="http"/>, which is disposed of with this object.</summary>
    /// <param name="http">A client that authenticates and has no timeout of its own.</param>
    /// <param name="server">The server's address; may carry a path prefix.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock of the timeouts.</param>
    public HttpKubeApi(HttpClient http, Uri server, HttpKubeApiOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(server);
        this.http = http;
        this.options = options;
        this.time = time;
        host = server.AbsoluteUri.TrimEnd('/');
    }

    /// <summary>
    /// Connects as <paramref name="configuration"/> says: a kubeconfig (client certificate, token, basic, exec) or the
    /// service account of a pod, whose token file is read again as it is rotated. HTTP/2 pings find dead connections.
    /// </summary>
    public static HttpKubeApi FromConfig(
        KubernetesClientConfiguration configuration, TimeProvider time, HttpKubeApiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        options ??= new HttpKubeApiOptions();
        return new HttpKubeApi(
            KubeHttpClientFactory.Create(configuration, options.UserAgent), new Uri(configuration.Host), options, time);
    }

    /// <inheritdoc/>
    public async Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return kind.Read(await SendAsync(HttpMethod.Get, KubeUrl.Named(kind, key), null, cancellationToken));
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var body = await SendAsync(HttpMethod.Get, KubeUrl.List(kind, options), null, cancellationToken);
        var list = KubeListReader.Read(body);
        var items = new T[list.Items.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = kind.Read(list.Items[i]);
        return new KubeList<T>(items, list.ResourceVersion, list.Continue);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(options);
        using var life = new CancellationTokenSource(options.Timeout + this.options.WatchGrace, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, life.Token);
        using var response = await OpenAsync(HttpMethod.Get, KubeUrl.Watch(kind, options), null, linked.Token, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(linked.Token);
        var lines = new LineReader(stream, this.options.MaxWatchLineBytes);
        while (await NextLineAsync(lines, life, linked.Token, cancellationToken) is { } line)
        {
            var watched = KubeWatchEventReader.Read(line);
            if (watched.Type == "ERROR")
                throw KubeStatusReader.Read(500, watched.Object.Span, null, time.GetUtcNow());
            yield return new KubeWatchEvent<T>(KubeWatchEventReader.TypeOf(watched.Type), kind.Read(watched.Object));
        }
    }

    /// <inheritdoc/>
    public async Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = KubeUrl.Collection(kind, body.Key().Namespace);
        return kind.Read(await SendAsync(HttpMethod.Post, path, JsonBody(kind.Write(body)), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = KubeUrl.Named(kind, body.Key());
        return kind.Read(await SendAsync(HttpMethod.Put, path, JsonBody(kind.Write(body)), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(options);
        var contentType = options.Type switch
        {
            KubePatchType.Apply => "application/apply-patch+yaml",
            KubePatchType.Merge => "application/merge-patch+json",
            _ => "application/strategic-merge-patch+json",
        };
        var content = JsonBody(body, contentType);
        return kind.Read(await SendAsync(HttpMethod.Patch, KubeUrl.Patch(kind, key, options), content, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var content = JsonBody(KubeDeleteBody.Write(options));
            await SendAsync(HttpMethod.Delete, KubeUrl.Named(kind, key), content, cancellationToken);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            // Gone already: what was wanted.
            return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static ReadOnlyMemoryContent JsonBody(ReadOnlyMemory<byte> body, string contentType = "application/json")
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return content;
    }

    private async Task<ReadOnlyMemory<byte>> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var life = new CancellationTokenSource(options.RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, life.Token);
        try
        {
            using var response = await OpenAsync(method, path, content, linked.Token, cancellationToken);
            return await BoundedBody.ReadAsync(response.Content, options.MaxBodyBytes, linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(method, path, e);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken linked, CancellationToken caller)
    {
        using var headers = new CancellationTokenSource(options.RequestTimeout, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(linked, headers.Token);
        using var request = new HttpRequestMessage(method, host + path)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.Add(Json);
        HttpResponseMessage? response = null;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token);
            if (response.IsSuccessStatusCode)
                return response;
            var body = await BoundedBody.ReadHeadAsync(response.Content, 64 << 10, limited.Token);
            throw KubeStatusReader.Read((int)response.StatusCode, body.Span, response.Headers.RetryAfter, time.GetUtcNow());
        }
        catch (Exception e)
        {
            response?.Dispose();
            if (e is OperationCanceledException && !caller.IsCancellationRequested)
                throw NoAnswer(method, path, e);
            throw;
        }
    }

    // A stream that outlives its timeout is dead: ended as if the server had closed it.
    private static async ValueTask<ReadOnlyMemory<byte>?> NextLineAsync(
        LineReader lines, CancellationTokenSource life, CancellationToken linked, CancellationToken caller)
    {
        try
        {
            return await lines.ReadAsync(linked);
        }
        catch (OperationCanceledException) when (life.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            return null;
        }
    }

    private HttpRequestException NoAnswer(HttpMethod method, string path, Exception cause) =>
        new($"{method} {path} had no answer within {options.RequestTimeout}", new TimeoutException("timed out", cause));
}

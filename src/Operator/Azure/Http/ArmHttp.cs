using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Vnetcni.Operator.Azure.Http;

/// <summary>
/// ARM over https. No retries: one scheduler above decides about those, since a retry spends the same rate limit. The token
/// goes to the configured host only.
/// </summary>
public sealed class ArmHttp : IArm, IDisposable
{
    private readonly ArmHttpOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClientTransport _transport;
    private readonly HttpPipeline _pipeline;

    /// <summary>Connects nothing yet.</summary>
    /// <param name="options">Where ARM is. Throws <see cref="ArgumentException"/> unless the endpoint is https without a path.</param>
    /// <param name="credential">See <see cref="ArmCredentials"/>.</param>
    /// <param name="time">For a Retry-After that is a date.</param>
    public ArmHttp(ArmHttpOptions options, TokenCredential credential, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Endpoint.Scheme != Uri.UriSchemeHttps || options.Endpoint.PathAndQuery != "/")
            throw new ArgumentException($"ARM endpoint '{options.Endpoint}' must be https://host[:port] without a path: a token is never sent in clear text", nameof(options));
        _options = options;
        _time = time;
        _transport = new HttpClientTransport(ArmHandler.Create(options.TrustedRoots));
        var client = new PipelineOptions { Transport = _transport };
        client.Retry.MaxRetries = 0;
        client.Retry.NetworkTimeout = options.Timeout;
        client.Diagnostics.ApplicationId = options.ApplicationId;
        var scope = options.Scope ?? new Uri(options.Endpoint, ".default").AbsoluteUri;
        _pipeline = HttpPipelineBuilder.Build(client, [], [new BearerTokenAuthenticationPolicy(credential, scope)], new ResponseClassifier());
    }

    /// <inheritdoc/>
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var message = _pipeline.CreateMessage();
        message.BufferResponse = false;
        message.Request.Method = RequestMethod.Parse(request.Method);
        message.Request.Uri.Reset(Locate(request.PathAndQuery));
        message.Request.Headers.Add("Accept", "application/json");
        if (request.IfMatch is not null)
            message.Request.Headers.Add("If-Match", request.IfMatch);
        if (!request.Body.IsEmpty)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(request.Body);
        }

        try
        {
            await _pipeline.SendAsync(message, cancellationToken);
            return await ReadAsync(message.Response, cancellationToken);
        }
        catch (AuthenticationFailedException e)
        {
            throw new ArmCredentialException($"no token for {_options.Endpoint.Host}: {e.Message}", e);
        }
        catch (Exception e) when (e is RequestFailedException or HttpRequestException)
        {
            throw new IOException($"{request.Method} to {_options.Endpoint.Host} got no answer: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{request.Method} to {_options.Endpoint.Host} got no answer within {_options.Timeout.TotalSeconds:0} s", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private async Task<ArmResponse> ReadAsync(Response response, CancellationToken cancellationToken)
    {
        PooledBody? body = null;
        try
        {
            if (response.ContentStream is { } stream)
                body = await ReadBodyAsync(stream, response.Headers.ContentLengthLong, cancellationToken);
            var headers = response.Headers;
            return new ArmResponse(response.Status, body?.Written ?? default)
            {
                Lease = body,
                ETag = Text(headers, "ETag"),
                AsyncOperation = Text(headers, "Azure-AsyncOperation"),
                Location = Text(headers, "Location"),
                RetryAfter = RetryAfterHeader.Parse(Text(headers, "Retry-After"), _time.GetUtcNow()),
                CorrelationId = Text(headers, "x-ms-correlation-request-id"),
                RemainingReads = Number(headers, "x-ms-ratelimit-remaining-subscription-reads"),
                RemainingWrites = Number(headers, "x-ms-ratelimit-remaining-subscription-writes"),
            };
        }
        catch
        {
            body?.Dispose();
            throw;
        }
    }

    private async Task<PooledBody> ReadBodyAsync(Stream stream, long? announced, CancellationToken cancellationToken)
    {
        if (announced > _options.MaxBody)
            throw TooLarge();
        var body = new PooledBody((int)(announced ?? 16 * 1024) + 1);
        try
        {
            int read;
            while ((read = await stream.ReadAsync(body.GetMemory(), cancellationToken)) != 0)
            {
                body.Advance(read);
                if (body.Length > _options.MaxBody)
                    throw TooLarge();
            }

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>ARM names absolute URLs itself (operation, nextLink): one of another host would be given our token.</summary>
    private Uri Locate(string pathOrUrl)
    {
        if (pathOrUrl.StartsWith('/') && !pathOrUrl.StartsWith("//", StringComparison.Ordinal))
        {
            if (Uri.TryCreate(_options.Endpoint.GetLeftPart(UriPartial.Authority) + pathOrUrl, UriKind.Absolute, out var own))
                return own;
        }
        else if (Uri.TryCreate(pathOrUrl, UriKind.Absolute, out var url)
            && url.UserInfo.Length == 0
            && Uri.Compare(url, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0)
        {
            return url;
        }

        throw new ArmAnswerException($"'{(pathOrUrl.Length > 200 ? pathOrUrl[..200] : pathOrUrl)}' is not on {_options.Endpoint.Authority}; nothing was sent there");
    }

    private ArmAnswerException TooLarge() =>
        new($"an answer of {_options.Endpoint.Host} is larger than {_options.MaxBody} bytes");

    private static string? Text(ResponseHeaders headers, string name) => headers.TryGetValue(name, out var value) ? value : null;

    private static int? Number(ResponseHeaders headers, string name) =>
        int.TryParse(Text(headers, name), System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;

    private sealed class PipelineOptions : ClientOptions;
}

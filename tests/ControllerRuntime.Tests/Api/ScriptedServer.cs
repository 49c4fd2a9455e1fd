using System.Net;
using System.Text;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.Tests.Api;

/// <summary>Answers requests from a script and keeps what was asked.</summary>
internal sealed class ScriptedServer(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public List<(string Method, string PathAndQuery, string ContentType, string Body)> Requests { get; } = [];

    public static HttpKubeApi Api(
        out ScriptedServer server, TimeProvider time, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer, HttpKubeApiOptions? options = null)
    {
        server = new ScriptedServer(answer);
        return new HttpKubeApi(new HttpClient(server) { Timeout = Timeout.InfiniteTimeSpan }, new Uri("https://kube.example/prefix"), options ?? new(), time);
    }

    public static Task<HttpResponseMessage> Json(string body, HttpStatusCode status = HttpStatusCode.OK, Action<HttpResponseMessage>? also = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        also?.Invoke(response);
        return Task.FromResult(response);
    }

    public static Task<HttpResponseMessage> Streamed(Stream stream) =>
        Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream) });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add((request.Method.Method, request.RequestUri!.PathAndQuery, request.Content?.Headers.ContentType?.MediaType ?? "", body));
        return await answer(request, cancellationToken);
    }
}

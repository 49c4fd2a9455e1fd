using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ApiServer.Tests.Kubectl;

namespace Vnetcni.ApiServer.Tests.Http;

/// <summary>What the shell does before and after the store.</summary>
public sealed class ShellTests : IDisposable
{
    private readonly HttpClient _client;
    private readonly string _token;

    public ShellTests(KubectlFixture fixture)
    {
        var lines = fixture.Server.KubeConfig("127.0.0.1").Split('\n').Select(l => l.Trim()).ToArray();
        string Value(string name) => lines.First(l => l.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
        _token = Value("token");
        var authority = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(Value("certificate-authority-data"))));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        _client = new HttpClient(handler) { BaseAddress = new Uri(Value("server")) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer wrong")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task Without_the_token_there_is_nothing_but_health_and_version(string? authorization)
    {
        var refused = await SendAsync(HttpMethod.Get, "/api/v1/nodes", r =>
        {
            r.Headers.Authorization = null;
            if (authorization is not null)
                r.Headers.TryAddWithoutValidation("Authorization", authorization);
            else
                _client.DefaultRequestHeaders.Authorization = null;
        });
        Assert.Equal((401, "Unauthorized"), ((int)refused.Response.StatusCode, refused.Body["reason"]!.GetValue<string>()));
        _client.DefaultRequestHeaders.Authorization = null;
        foreach (var path in new[] { "/healthz", "/livez", "/readyz", "/readyz/ping", "/version" })
            Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_certificate_is_good_for_its_names_and_signed_by_the_authority_in_the_kubeconfig() =>
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/api/v1/nodes", TestContext.Current.CancellationToken)).StatusCode);

    [Fact]
    public async Task Both_versions_of_HTTP_are_spoken()
    {
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            var answer = await SendAsync(HttpMethod.Get, "/api/v1/nodes", r => (r.Version, r.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact));
            Assert.Equal(version, answer.Response.Version);
        }
    }

    [Theory]
    [InlineData("application/vnd.kubernetes.protobuf", 406)]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", 200)]
    [InlineData("application/json;as=Table;v=v9;g=meta.k8s.io", 406)]
    [InlineData("text/html", 406)]
    [InlineData("*/*", 200)]
    public async Task Protobuf_alone_is_refused_so_that_clients_fall_back_to_JSON(string accept, int code)
    {
        var answer = await SendAsync(HttpMethod.Get, "/api/v1/nodes", r => r.Headers.TryAddWithoutValidation("Accept", accept));
        Assert.Equal(code, (int)answer.Response.StatusCode);
        Assert.Equal(code == 200 ? "NodeList" : "Status", answer.Body["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task Metadata_alone_is_answered_where_it_is_asked_for()
    {
        var answer = await SendAsync(
            HttpMethod.Get, "/api/v1/namespaces", r => r.Headers.TryAddWithoutValidation("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
        Assert.Equal("PartialObjectMetadataList", answer.Body["kind"]!.GetValue<string>());
        Assert.All(answer.Body["items"]!.AsArray(), item => Assert.Null(item!["status"]));
    }

    [Fact]
    public async Task A_body_in_protobuf_is_refused_as_an_unknown_format()
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", r =>
            r.Content = new ByteArrayContent([1, 2]) { Headers = { ContentType = new MediaTypeHeaderValue("application/vnd.kubernetes.protobuf") } });
        Assert.Equal((415, "UnsupportedMediaType"), ((int)answer.Response.StatusCode, answer.Body["reason"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":")]
    [InlineData("[]")]
    [InlineData("kind: Namespace")]
    public async Task A_body_that_is_no_proper_JSON_object_is_a_bad_request(string body)
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", r => r.Content = new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal((400, "BadRequest"), ((int)answer.Response.StatusCode, answer.Body["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_body_that_is_too_deep_is_a_bad_request_and_the_server_lives_on()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        var answer = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", r => r.Content = new StringContent(deep, Encoding.UTF8, "application/json"));
        Assert.Equal(400, (int)answer.Response.StatusCode);
        Assert.Equal("ok", await _client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_above_3_MiB_is_refused_with_the_limit()
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", r => r.Content = new StringContent(new string('x', 3_200_000), Encoding.UTF8, "application/json"));
        Assert.Equal(413, (int)answer.Response.StatusCode);
        Assert.Contains("limit is 3145728", answer.Body["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?limit=x")]
    [InlineData("?watch=true&timeoutSeconds=soon")]
    [InlineData("?includeObject=Half")]
    public async Task A_query_that_cannot_be_read_is_a_bad_request(string query) =>
        Assert.Equal(400, (int)(await SendAsync(HttpMethod.Get, "/api/v1/nodes" + query)).Response.StatusCode);

    [Fact]
    public async Task Warnings_come_in_headers()
    {
        var answer = await SendAsync(HttpMethod.Post, "/apis/vnetcni.dev/v1alpha1/nodeippoolclasses?fieldValidation=Warn&dryRun=All", r =>
            r.Content = new StringContent("""{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPoolClass","metadata":{"name":"warned"},"spec":{"prioriti":1}}""", Encoding.UTF8, "application/json"));
        Assert.Equal(201, (int)answer.Response.StatusCode);
        Assert.Contains(answer.Response.Headers.GetValues("Warning"), w => w.StartsWith("299 - \"unknown field", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_may_ask_for_indented_JSON()
    {
        var answer = await _client.GetStringAsync("/api/v1/namespaces/default?pretty=true", TestContext.Current.CancellationToken);
        Assert.StartsWith("{\n  \"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kubeconfig_is_for_its_owner_only_and_carries_the_token()
    {
        Assert.Equal(64, _token.Length);
        Assert.All(_token, c => Assert.True(char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c)));
    }

    private async Task<(HttpResponseMessage Response, JsonNode Body)> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? more = null)
    {
        var request = new HttpRequestMessage(method, path);
        more?.Invoke(request);
        var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}

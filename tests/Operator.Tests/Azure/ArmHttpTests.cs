using System.Text;
using Microsoft.AspNetCore.Http;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Http;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class ArmHttpTests
{
    private const string Path = "/subscriptions/s/x?api-version=1";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_carries_token_etag_and_body_and_the_answer_its_headers()
    {
        var seen = new List<string>();
        await using var server = await HttpsServer.StartAsync(async context =>
        {
            var request = context.Request;
            seen.Add($"{request.Method} {request.Path}{request.QueryString} {request.Headers.Authorization} {request.Headers.IfMatch} {request.ContentType} {await new StreamReader(request.Body).ReadToEndAsync()}");
            Assert.Contains("vnetcni/0.1.0", request.Headers.UserAgent.ToString());
            var headers = context.Response.Headers;
            headers.ETag = "W/\"2\"";
            headers["Azure-AsyncOperation"] = "https://x/op";
            headers.Location = "https://x/loc";
            headers.RetryAfter = "17";
            headers["x-ms-correlation-request-id"] = "corr";
            headers["x-ms-ratelimit-remaining-subscription-reads"] = "249";
            headers["x-ms-ratelimit-remaining-subscription-writes"] = "not a number";
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync("{\"é\":1}");
        });
        using var arm = Client(server);
        using var response = await arm.SendAsync(new ArmRequest("PUT", Path) { Body = "{\"a\":1}"u8.ToArray(), IfMatch = "W/\"1\"" }, Stop);
        Assert.Equal($"PUT {Path} Bearer secret W/\"1\" application/json {{\"a\":1}}", Assert.Single(seen));
        Assert.Equal(201, response.Status);
        Assert.Equal("{\"é\":1}", Encoding.UTF8.GetString(response.Body.Span));
        Assert.Equal(("W/\"2\"", "https://x/op", "https://x/loc", "corr"), (response.ETag, response.AsyncOperation, response.Location, response.CorrelationId));
        Assert.Equal((TimeSpan.FromSeconds(17), 249, null), (response.RetryAfter!.Value, response.RemainingReads, response.RemainingWrites));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(307)]
    public async Task An_error_is_an_answer_and_is_not_retried(int status)
    {
        var count = 0;
        await using var server = await HttpsServer.StartAsync(context =>
        {
            count++;
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        using var arm = Client(server);
        using var response = await arm.SendAsync(new ArmRequest("GET", Path), Stop);
        Assert.Equal((status, 1), (response.Status, count));
    }

    [Theory]
    [InlineData("https://evil.example/op")]
    [InlineData("http://127.0.0.1/op")]
    [InlineData("https://127.0.0.1:1/op")]
    [InlineData("//evil.example/op")]
    [InlineData("https://user@127.0.0.1/op")]
    [InlineData("op")]
    [InlineData("")]
    public async Task A_url_of_another_host_is_not_asked(string url)
    {
        var count = 0;
        await using var server = await HttpsServer.StartAsync(context =>
        {
            count++;
            return Task.CompletedTask;
        });
        using var arm = Client(server);
        await Assert.ThrowsAsync<ArmAnswerException>(() => arm.SendAsync(new ArmRequest("GET", url), Stop));
        using var same = await arm.SendAsync(new ArmRequest("GET", new Uri(server.Address, "/op?x=1").AbsoluteUri), Stop);
        Assert.Equal((200, 1), (same.Status, count));
    }

    [Fact]
    public async Task Another_certificate_or_name_is_not_trusted()
    {
        await using var server = await HttpsServer.StartAsync(_ => Task.CompletedTask);
        using var other = HttpsServer.MakeCertificate("127.0.0.1");
        using var wrongRoot = Client(server, options => options with { TrustedRoots = [other] });
        await Assert.ThrowsAsync<IOException>(() => wrongRoot.SendAsync(new ArmRequest("GET", Path), Stop));
        await using var misnamed = await HttpsServer.StartAsync(_ => Task.CompletedTask, "other.example");
        using var wrongName = Client(misnamed);
        await Assert.ThrowsAsync<IOException>(() => wrongName.SendAsync(new ArmRequest("GET", Path), Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_refused(bool announced)
    {
        await using var server = await HttpsServer.StartAsync(async context =>
        {
            if (announced)
                context.Response.ContentLength = 2000;
            await context.Response.WriteAsync(new string('x', 2000));
        });
        using var arm = Client(server, options => options with { MaxBody = 1999 });
        await Assert.ThrowsAsync<ArmAnswerException>(() => arm.SendAsync(new ArmRequest("GET", Path), Stop));
        using var enough = Client(server, options => options with { MaxBody = 2000 });
        using var response = await enough.SendAsync(new ArmRequest("GET", Path), Stop);
        Assert.Equal(2000, response.Body.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dropped_connection_is_no_answer(bool afterHeaders)
    {
        await using var server = await HttpsServer.StartAsync(async context =>
        {
            if (afterHeaders)
            {
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("{");
                await context.Response.Body.FlushAsync();
            }

            context.Abort();
        });
        using var arm = Client(server);
        await Assert.ThrowsAnyAsync<IOException>(() => arm.SendAsync(new ArmRequest("GET", Path), Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_answer_is_no_answer_and_a_cancelled_call_is_cancelled(bool afterHeaders)
    {
        await using var server = await HttpsServer.StartAsync(async context =>
        {
            if (afterHeaders)
                await context.Response.WriteAsync("{");
            await Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
        });
        using var arm = Client(server, options => options with { Timeout = TimeSpan.FromMilliseconds(300) });
        await Assert.ThrowsAnyAsync<IOException>(() => arm.SendAsync(new ArmRequest("GET", Path), Stop));
        using var patient = Client(server);
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.SendAsync(new ArmRequest("GET", Path), cancel.Token));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent()
    {
        var count = 0;
        await using var server = await HttpsServer.StartAsync(_ =>
        {
            count++;
            return Task.CompletedTask;
        });
        var credential = global::Azure.Core.DelegatedTokenCredential.Create((_, _) => throw new global::Azure.Identity.AuthenticationFailedException("no such identity"));
        using var arm = new ArmHttp(new ArmHttpOptions { Endpoint = server.Address, TrustedRoots = [server.Certificate], Timeout = TimeSpan.FromSeconds(20) }, credential, TimeProvider.System);
        var error = await Assert.ThrowsAsync<ArmCredentialException>(() => arm.SendAsync(new ArmRequest("GET", Path), Stop));
        Assert.Equal("no token for 127.0.0.1: no such identity", error.Message);
        Assert.Equal(0, count);
    }

    [Theory]
    [InlineData("http://management.azure.com")]
    [InlineData("https://management.azure.com/path")]
    public void An_endpoint_that_would_leak_the_token_is_refused(string endpoint) =>
        Assert.Throws<ArgumentException>(() => new ArmHttp(new ArmHttpOptions { Endpoint = new Uri(endpoint) }, Token(), TimeProvider.System));

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    [InlineData("0", 0.0)]
    [InlineData("10", 10.0)]
    [InlineData("4000000000", 3600.0)]
    [InlineData("Fri, 02 Jan 2026 03:04:35 GMT", 30.0)]
    [InlineData("Fri, 02 Jan 2026 03:04:00 GMT", 0.0)]
    public void Retry_after_is_seconds_or_a_date(string? value, double? seconds) => Assert.Equal(
        seconds, RetryAfterHeader.Parse(value, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))?.TotalSeconds);

    private static global::Azure.Core.TokenCredential Token() =>
        ArmCredentials.Create(ArmCredentialMode.StaticToken, new ArmCredentialOptions { Token = "secret" }, TimeProvider.System);

    private static ArmHttp Client(HttpsServer server, Func<ArmHttpOptions, ArmHttpOptions>? change = null)
    {
        var options = new ArmHttpOptions { Endpoint = server.Address, TrustedRoots = [server.Certificate], Timeout = TimeSpan.FromSeconds(20) };
        return new ArmHttp(change?.Invoke(options) ?? options, Token(), TimeProvider.System);
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Http;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>The listeners, end to end: a client that trusts the written certificate and nothing else.</summary>
public sealed class HttpTests : IAsyncLifetime
{
    private const string Nic = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/Microsoft.Network/networkInterfaces/node-1-nic";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("armsim-");
    private SimulatorHost _host = null!;
    private HttpClient _arm = null!;
    private HttpClient _plain = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string CertificateFile => Path.Combine(_folder.FullName, "ca.pem");

    private string ReadyFile => Path.Combine(_folder.FullName, "ready.json");

    public async ValueTask InitializeAsync()
    {
        var settings = new SimSettings { RequireAuthorization = true, Latency = new LatencySettings { Scale = 0.02 } };
        _host = await SimulatorHost.StartAsync(
            new HostOptions { Scenario = Samples.ThreeNodes, CertificateOut = CertificateFile, ReadyFile = ReadyFile, Names = ["arm.test", "10.1.2.3"], Settings = settings, ImdsVm = "node-3" }, Ct);
        _arm = Client(await File.ReadAllTextAsync(CertificateFile, Ct));
        _arm.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "any");
        _plain = new HttpClient();
    }

    public async ValueTask DisposeAsync()
    {
        _arm.Dispose();
        _plain.Dispose();
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static HttpClient Client(string pem) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509Certificate2.CreateFromPem(pem) },
            },
        },
    });

    private Uri Arm(string path) => new(_host.ArmUri, path.Contains('?') ? path : path + "?api-version=2025-05-01");

    private Uri Admin(string path) => new(_host.AdminUri, "/_sim/" + path);

    private static StringContent Text(string json) => new(json, Encoding.UTF8, "application/json");

    private static async Task<JsonNode> Json(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!;

    private async Task<JsonNode> Sim(string path) => JsonNode.Parse(await _plain.GetStringAsync(Admin(path), Ct))!;

    [Fact]
    public async Task A_NIC_is_read_edited_and_followed_to_its_end()
    {
        var got = await _arm.GetAsync(Arm(Nic), Ct);
        Assert.Equal(HttpStatusCode.OK, got.StatusCode);
        Assert.Equal("application/json; charset=utf-8", got.Content.Headers.ContentType!.ToString());
        var nic = (await Json(got)).AsObject();
        Assert.Equal(nic["etag"]!.GetValue<string>(), got.Headers.ETag!.ToString());
        Assert.Equal("249", Assert.Single(got.Headers.GetValues("x-ms-ratelimit-remaining-subscription-reads")));

        var since = (await Sim("addresses"))["version"]!.GetValue<long>();
        var poll = _plain.GetStringAsync(Admin($"addresses?since={since}&timeout=30"), Ct);
        var subnet = nic["properties"]!["ipConfigurations"]![0]!["properties"]!["subnet"]!["id"]!.GetValue<string>();
        Rig.Configs(nic).Add((JsonNode)Rig.Config("vnetcni-1", subnet));
        using var put = new HttpRequestMessage(HttpMethod.Put, Arm(Nic)) { Content = Text(nic.ToJsonString()) };
        put.Headers.IfMatch.Add(got.Headers.ETag);
        var accepted = await _arm.SendAsync(put, Ct);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Null(accepted.Headers.ETag);
        Assert.Contains("10.100.0.7", await poll, StringComparison.Ordinal);

        var operation = new Uri(Assert.Single(accepted.Headers.GetValues("Azure-AsyncOperation")));
        Assert.Equal(_host.ArmUri.Port, operation.Port);
        string status;
        for (var i = 0; (status = (await Json(await _arm.GetAsync(operation, Ct)))["status"]!.GetValue<string>()) == "InProgress" && i < 500; i++)
            await Task.Delay(20, Ct);
        Assert.Equal("Succeeded", status);
        Assert.Empty((await Sim("invariants"))["violations"]!.AsArray());
        Assert.Contains((await Sim("journal")).AsArray(), static e => e!["method"]!.GetValue<string>() == "PUT" && e["status"]!.GetValue<int>() == 200);
        Assert.Equal(1, (await Sim("counters"))["totals"]!["writes"]!.GetValue<int>());
    }

    [Fact]
    public async Task Without_a_bearer_token_the_answer_is_401()
    {
        using var client = Client(_host.CertificatePem);
        var response = await client.GetAsync(Arm(Nic), Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("AuthenticationFailed", (await Json(response))["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_client_that_pins_another_certificate_refuses()
    {
        using var other = ServerCertificate.Create(["127.0.0.1"], DateTimeOffset.UtcNow);
        using var client = Client(other.ExportCertificatePem());
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Arm(Nic), Ct));
    }

    [Fact]
    public void The_certificate_names_what_was_asked()
    {
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(CertificateFile));
        Assert.All((string[])["localhost", "arm.test"], name => Assert.True(certificate.MatchesHostname(name, allowCommonName: false), name));
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Contains(IPAddress.Parse("10.1.2.3"), names.EnumerateIPAddresses());
        Assert.Contains(IPAddress.Loopback, names.EnumerateIPAddresses());
        Assert.False(File.ReadAllText(CertificateFile).Contains("PRIVATE KEY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_ready_file_tells_where_all_listen()
    {
        var ready = JsonNode.Parse(await File.ReadAllTextAsync(ReadyFile, Ct))!;
        Assert.Equal(_host.ArmUri.Port, ready["armPort"]!.GetValue<int>());
        Assert.Equal(_host.AdminUri.ToString(), ready["adminUri"]!.GetValue<string>());
        Assert.Equal(_host.ImdsUri.Port, ready["imdsPort"]!.GetValue<int>());
        Assert.Equal(CertificateFile, ready["certificate"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_dropped_connection_reaches_the_client_as_no_answer()
    {
        var added = await _plain.PostAsync(Admin("faults"), Text("""{"kind":"DropAfterCommit","method":"GET","count":1}"""), Ct);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _arm.GetAsync(Arm(Nic), Ct));
        Assert.Equal(HttpStatusCode.OK, (await _arm.GetAsync(Arm(Nic), Ct)).StatusCode);
        Assert.Equal(1, (await Sim("faults"))[0]!["fired"]!.GetValue<int>());
        Assert.Equal(HttpStatusCode.NoContent, (await _plain.DeleteAsync(Admin("faults"), Ct)).StatusCode);
        Assert.Empty((await Sim("faults")).AsArray());
    }

    [Fact]
    public async Task Absent_members_of_a_fault_or_scenario_have_their_defaults()
    {
        await _plain.PostAsync(Admin("faults"), Text("""{"kind":"Error","method":"GET"}"""), Ct);
        Assert.Equal(HttpStatusCode.InternalServerError, (await _arm.GetAsync(Arm(Nic), Ct)).StatusCode);
        await _plain.DeleteAsync(Admin("faults?id=1"), Ct);
        const string More = """
            { "vnets": [{"name":"v2","addressPrefixes":["10.7.0.0/16"],"subnets":[{"name":"s","addressPrefix":"10.7.0.0/24"}]}],
              "vms": [{"name":"vm-9"}], // a comment
              "nics": [{"name":"nic-9","subnet":"v2/s","vm":"vm-9","secondary":{"other-1":null},"extra":{"tags":{"a":"b"}}}] }
            """;
        Assert.Equal(HttpStatusCode.NoContent, (await _plain.PostAsync(Admin("scenario"), Text(More), Ct)).StatusCode);
        var nic = await Json(await _arm.GetAsync(Arm(Nic.Replace("node-1-nic", "nic-9", StringComparison.Ordinal)), Ct));
        Assert.Equal(("westeurope", "b", "10.7.0.5"), (nic["location"]!.GetValue<string>(), nic["tags"]!["a"]!.GetValue<string>(), Rig.Address(nic, "other-1")));
    }

    [Theory]
    [InlineData("faults", """{"kind":"Error","coode":"x"}""", "coode")]
    [InlineData("faults", """{"kind":"Nonsense"}""", "kind")]
    [InlineData("faults", """{"status":200}""", "status")]
    [InlineData("faults", "", "JSON")]
    [InlineData("scenario", """{"vnets":[{"name":"v"}]}""", "addressPrefixes")]
    [InlineData("scenario", """{"vnets":[{"name":"v","addressPrefixes":["10.0.0.1/8"],"subnets":[]}]}""", "10.0.0.1/8")]
    [InlineData("scenario", """{"vnets":[{"name":"v","addressPrefixes":["10.0.0.0/16"],"subnets":[{"name":"s","addressPrefix":"10.9.0.0/24"}]}]}""", "outside")]
    [InlineData("scenario", """{"nics":[{"name":"n","subnet":"vnet/none"}]}""", "InvalidResourceReference")]
    [InlineData("scenario", """{"nics":[{"name":"n","subnet":"vnet/nodes","vm":"none"}]}""", "does not exist")]
    [InlineData("scenario", """{"nics":[{"name":"n","subnet":"vnet/nodes","extra":{"x":"\ud800"}}]}""", "surrogate")]
    [InlineData("scenario", """{"nics":[{"name":"n","subnet":"vnet/nodes","extra":{"properties":7}}]}""", "must have one or more IP configurations")]
    [InlineData("scenario", """{"vms":[{"name":"node-1"}]}""", "exists already")]
    public async Task Admin_input_that_is_wrong_is_refused_with_the_reason(string path, string body, string reason)
    {
        var response = await _plain.PostAsync(Admin(path), Text(body), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, (await Json(response))["error"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clock_can_run_faster()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await _plain.PutAsync(Admin("clock"), Text("""{"speed":1000}"""), Ct)).StatusCode);
        var before = (await Sim("clock"))["now"]!.GetValue<DateTimeOffset>();
        await Task.Delay(100, Ct);
        var clock = await Sim("clock");
        Assert.True(clock["now"]!.GetValue<DateTimeOffset>() - before > TimeSpan.FromSeconds(50));
        Assert.Equal(1000, clock["speed"]!.GetValue<double>());
        Assert.Equal(HttpStatusCode.BadRequest, (await _plain.PutAsync(Admin("clock"), Text("""{"speed":0}"""), Ct)).StatusCode);
    }

    [Fact]
    public async Task VMs_change_and_go_and_another_tool_writes()
    {
        var vm = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/Microsoft.Compute/virtualMachines/node-1";
        Assert.Equal(HttpStatusCode.NoContent, (await _plain.PostAsync(Admin($"foreign-write?nic={Nic}"), null, Ct)).StatusCode);
        Assert.Contains("foreign-1", Rig.Names(await Json(await _arm.GetAsync(Arm(Nic), Ct))));
        Assert.Equal(HttpStatusCode.NoContent, (await _plain.PutAsync(Admin($"power?vm={vm}&state=deallocated"), null, Ct)).StatusCode);
        Assert.Contains("PowerState/deallocated", await _arm.GetStringAsync(Arm($"{vm}/instanceView"), Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await _plain.DeleteAsync(Admin($"vm?vm={vm}"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _plain.DeleteAsync(Admin($"vm?vm={vm}"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _arm.GetAsync(Arm(Nic), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _plain.PostAsync(Admin($"foreign-write?nic={Nic}"), null, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _plain.PostAsync(Admin("foreign-write"), null, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _plain.GetAsync(Admin("nothing"), Ct)).StatusCode);
        Assert.Contains("POST   /_sim/scenario", await _plain.GetStringAsync(new Uri(_host.AdminUri, "/_sim"), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instance_metadata_asks_for_its_header_and_version()
    {
        async Task<(HttpStatusCode Status, string Body)> Ask(string path, string? metadata = "true")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.ImdsUri, path));
            if (metadata is not null)
                request.Headers.Add("Metadata", metadata);
            var response = await _plain.SendAsync(request, Ct);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
        }

        const string Path = "/vm/node-1/metadata/instance/network?api-version=2021-01-01";
        Assert.Equal(HttpStatusCode.BadRequest, (await Ask(Path, metadata: null)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Ask("/vm/node-1/metadata/instance/network")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask(Path.Replace("node-1", "none", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Ask("/metadata/identity?api-version=2021-01-01")).Status);
        Assert.Contains("\"privateIpAddress\":\"10.100.0.4\"", (await Ask(Path)).Body, StringComparison.Ordinal);
        Assert.Contains("\"privateIpAddress\":\"10.100.0.6\"", (await Ask("/metadata/instance/network?api-version=2021-01-01")).Body, StringComparison.Ordinal);
        Assert.Contains("\"vmId\"", (await Ask("/metadata/instance?api-version=2021-01-01")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wireserver_answers_beside_the_metadata()
    {
        const string Query = "?comp=nmagent&type=getinterfaceinfov1";
        var response = await _plain.GetAsync(new Uri(_host.ImdsUri, "/vm/node-1/machine/plugins" + Query), Ct);
        Assert.Equal("text/xml", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<IPAddress Address=\"10.100.0.4\" IsPrimary=\"true\" />", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Contains("10.100.0.6", await _plain.GetStringAsync(new Uri(_host.ImdsUri, "/machine/plugins" + Query), Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await _plain.GetAsync(new Uri(_host.ImdsUri, "/machine/plugins?comp=goalstate"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _plain.GetAsync(new Uri(_host.ImdsUri, "/vm/none/machine/plugins" + Query), Ct)).StatusCode);
    }

    [Fact]
    public async Task A_fault_plan_is_taken_whole_or_not_at_all()
    {
        var refused = await _plain.PostAsync(Admin("fault-plan"), Text("faults:\n  - kind: Error\n  - kind: Nonsense"), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("plan:3: faults[1].kind", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Empty((await Sim("faults")).AsArray());
        var taken = await _plain.PostAsync(Admin("fault-plan"), Text("faults:\n  - { kind: Error, code: SubnetIsFull, method: GET, count: 1 }"), Ct);
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        Assert.Contains("SubnetIsFull", await (await _arm.GetAsync(Arm(Nic), Ct)).Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_body_comes_in_parts_after_its_headers()
    {
        await _plain.PutAsync(Admin("clock"), Text("""{"speed":100}"""), Ct);
        await _plain.PostAsync(Admin("faults"), Text("""{"kind":"SlowBody","method":"GET","count":1,"delaySeconds":40}"""), Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, Arm(Nic));
        var asked = _host.Clock.GetUtcNow();
        var response = await _arm.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = await response.Content.ReadAsStreamAsync(Ct);
        var buffer = new byte[1 << 20];
        int read, rest = 0;
        while ((read = await body.ReadAsync(buffer, Ct)) > 0)
            rest += read;
        Assert.True(_host.Clock.GetUtcNow() - asked >= TimeSpan.FromSeconds(39), "The body came at once.");
        Assert.Equal(response.Content.Headers.ContentLength, rest);
    }

    [Fact]
    public async Task A_journal_of_a_served_run_is_replayed_by_the_command_line()
    {
        var file = Path.Combine(Path.GetTempPath(), $"armsim-{Guid.NewGuid():N}.journal");
        try
        {
            var options = new HostOptions { Scenario = Seeding.Samples.ThreeNodes, JournalFile = file, Speed = 100, Faults = [new Faults.Fault { Kind = Faults.FaultKind.StaleRead, Probability = 0.5 }] };
            await using (var host = await SimulatorHost.StartAsync(options, Ct))
            {
                for (var i = 0; i < 5; i++)
                {
                    var nic = Rig.Body(await host.Arm.HandleAsync(new Core.SimRequest("GET", Arm(Nic).PathAndQuery) { Headers = Bearer }, Ct));
                    Rig.Add(nic, $"vnetcni-{i}");
                    await host.Arm.HandleAsync(new Core.SimRequest("PUT", Arm(Nic).PathAndQuery) { Headers = Bearer, Body = System.Text.Encoding.UTF8.GetBytes(nic.ToJsonString()) }, Ct);
                    await Task.Delay(100, Ct);
                }
            }

            using var output = new StringWriter();
            Assert.Equal(0, Replay.Run(CommandLine.Parse(["--replay", file]).ReplayFile!, output));
            Assert.Contains("equal to the journal", output.ToString(), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, "nonsense", Ct);
            Assert.Contains($"--replay {file}: line 1", Assert.Throws<FormatException>(() => Replay.Run(file, output)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Dictionary<string, string> Bearer => new(StringComparer.Ordinal) { ["Authorization"] = "Bearer x" };

    [Fact]
    public async Task Many_clients_at_once_break_nothing()
    {
        await Parallel.ForAsync(0, 24, Ct, async (i, ct) =>
        {
            var path = Nic.Replace("node-1-nic", $"par-{i % 6}", StringComparison.Ordinal);
            var body = Rig.NewNic(Rig.Config("a", "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"));
            var response = await _arm.PutAsync(Arm(path), Text(body.ToJsonString()), ct);
            Assert.Contains((int)response.StatusCode, (int[])[200, 201, 429]);
        });
        Assert.Empty(_host.Arm.Violations);
    }
}

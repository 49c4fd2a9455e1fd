using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Hosting;
using Vnetcni.Operator.Tests.Azure;

namespace Vnetcni.Operator.Tests.Hosting;

/// <summary>The command from its arguments to its exit code, over https.</summary>
public sealed class PreflightHostTests : IDisposable
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni";
    private const string Principal = "5f0c1111-2222-3333-4444-555555555555";
    private readonly string _ca = Path.GetTempFileName();
    private readonly SimulatedArm _simulator = new(new FakeTimeProvider(), seed: 1, new SimSettings { RequireAuthorization = true });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        File.Delete(_ca);
        _simulator.Dispose();
    }

    [Fact]
    public async Task The_object_id_comes_from_the_token_and_goes_into_the_command()
    {
        _simulator.Seed(Samples.ThreeNodes with
        {
            RoleAssignments =
            [
                new ArmSimulator.Authorization.SimRoleAssignment(Group, ["*"]) { NotActions = ["*/subnets/join/action"], Principal = Principal },
            ],
        });
        var (code, text) = await RunAsync("--node-groups", Group);
        Assert.Equal(4, code);
        Assert.Contains($"identity mode static, object id {Principal}", text, StringComparison.Ordinal);
        Assert.Contains("MISSING  Microsoft.Network/virtualNetworks/subnets/join/action", text, StringComparison.Ordinal);
        Assert.Contains($"--assignee-object-id {Principal} ", text, StringComparison.Ordinal);
        Assert.Equal((0, 0), ((int)_simulator.Totals.Writes, (int)_simulator.Totals.Deletes));
    }

    [Fact]
    public async Task With_all_rights_it_ends_with_zero_and_can_list_them()
    {
        _simulator.Seed(Samples.ThreeNodes);
        var (code, text) = await RunAsync("--node-groups", Group, "--all=true");
        Assert.True(code == 0, text);
        Assert.Contains("given    Microsoft.Network/networkInterfaces/write", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_and_identities_are_errors_before_anything_is_sent()
    {
        await Assert.ThrowsAsync<FormatException>(() => RunAsync("--node-groups", "rg"));
        await Assert.ThrowsAsync<FormatException>(() => RunAsync("--node-groups", Group, "--cloud", "mars"));
        await Assert.ThrowsAsync<ArmCredentialException>(() => RunAsync("--node-groups", Group, "--arm-identity", "secret"));
        Assert.Equal(0, _simulator.Totals.Reads);
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        await using var server = await HttpsServer.StartAsync(AnswerAsync);
        await File.WriteAllTextAsync(_ca, server.Certificate.ExportCertificatePem(), Stop);
        var claims = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($$"""{"oid":"{{Principal}}"}"""));
        Dictionary<string, string> environment = new()
        {
            ["VNETCNI_ARM_ENDPOINT"] = server.Address.AbsoluteUri,
            ["VNETCNI_ARM_CA_FILE"] = _ca,
            ["VNETCNI_ARM_IDENTITY"] = "static",
            ["VNETCNI_ARM_TOKEN"] = $"e30.{claims}.c2ln",
        };
        using var output = new StringWriter();
        var code = await PreflightHost.RunAsync(arguments, environment.GetValueOrDefault, TimeProvider.System, output, Stop);
        return (code, output.ToString());
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var answer = await _simulator.HandleAsync(new SimRequest(context.Request.Method, context.Request.Path + context.Request.QueryString.Value) { Headers = headers }, Stop);
        context.Response.StatusCode = answer.Status;
        await context.Response.Body.WriteAsync(answer.Body, Stop);
    }
}

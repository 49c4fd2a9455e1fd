using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Operations;
using Vnetcni.Operator.Azure.VirtualMachines;
using Vnetcni.Operator.Azure.VirtualNetworks;
using ResourceId = Vnetcni.Operator.Azure.Resources.ResourceId;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>What the client sends, against what Azure documents: method, path, api-version, If-Match and the members of a body.</summary>
public sealed partial class ClientContractTests
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/";
    private static readonly ResourceId Nic = ResourceId.Parse(Group + "Microsoft.Network/networkInterfaces/node-1-nic");
    private static readonly ResourceId VNet = ResourceId.Parse(Group + "Microsoft.Network/virtualNetworks/vnet");
    private static readonly ResourceId Vm = ResourceId.Parse(Group + "Microsoft.Compute/virtualMachines/node-1");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_are_GETs_of_documented_paths_without_body_or_condition()
    {
        using var simulator = Make();
        var arm = new Recorder(new SimulatorArm(simulator));
        using (var nic = (await new NetworkInterfaceClient(arm, NicText.Names).GetAsync(Nic, Stop)).Value!)
            Assert.True(nic.IsSettled);
        Assert.True((await new VirtualNetworkClient(arm).GetAsync(VNet, Stop)).IsSuccess);
        Assert.True((await new VirtualNetworkClient(arm).GetUsagesAsync(VNet, Stop)).IsSuccess);
        Assert.True((await new VirtualMachineClient(arm).GetAsync(Vm, Stop)).IsSuccess);
        Assert.All(arm.Sent, r => Assert.Equal(("GET", 0, null), (r.Method, r.Body.Length, r.IfMatch)));
        Assert.Equal(
            [
                // [D] virtualnetwork/network-interfaces/get, virtual-networks/get, virtual-networks/list-usage; compute/virtual-machines/get with its instance view
                $"{Nic}?api-version=2025-05-01", $"{VNet}?api-version=2025-05-01", $"{VNet}/usages?api-version=2025-05-01", $"{Vm}?api-version=2025-04-01&$expand=instanceView",
            ],
            arm.Sent.Select(r => r.PathAndQuery));
    }

    [Fact]
    public async Task A_write_is_a_PUT_under_the_ETag_with_all_that_was_read_and_one_configuration_more()
    {
        using var simulator = Make();
        var arm = new Recorder(new SimulatorArm(simulator));
        var client = new NetworkInterfaceClient(arm, NicText.Names);
        using var nic = (await client.GetAsync(Nic, Stop)).Value!;
        var read = JsonNode.Parse((await arm.SendAsync(new ArmRequest("GET", $"{Nic}?api-version=2025-05-01"), Stop)).Body.Span)!;
        var name = NicText.Names.ForSlot(0);
        using var body = NicSplice.Apply(nic, NicText.Names, [new NicAddition(name)], []);
        var outcome = await client.PutAsync(Nic, body.Utf8, nic.ETag!, Stop);
        Assert.Equal(200, outcome.Status);

        var put = arm.Sent[^1];
        Assert.Equal(("PUT", $"{Nic}?api-version=2025-05-01", (string?)read["etag"]), (put.Method, put.PathAndQuery, put.IfMatch));
        var sent = JsonNode.Parse(put.Body.Span)!;
        var configurations = sent["properties"]!["ipConfigurations"]!.AsArray();
        var added = configurations.Single(c => (string?)c!["name"] == name)!;
        configurations.Remove(added);
        Assert.True(JsonNode.DeepEquals(read, sent), sent.ToJsonString());

        // [D] NetworkInterfaceIPConfiguration: nothing that only Azure writes is asked for.
        Assert.Equal(["name", "properties"], added.AsObject().Select(m => m.Key).Order());
        var properties = added["properties"]!.AsObject();
        Assert.Equal("Dynamic", (string?)properties["privateIPAllocationMethod"]);
        Assert.NotNull(properties["subnet"]!["id"]);
        Assert.DoesNotContain(properties, m => m.Key is "provisioningState" or "etag" or "id");
        Assert.Empty(simulator.Violations);
    }

    [Fact]
    public async Task An_operation_is_polled_at_the_very_URL_that_Azure_gave()
    {
        using var simulator = Make();
        var arm = new Recorder(new SimulatorArm(simulator));
        var read = await arm.SendAsync(new ArmRequest("GET", $"{Nic}?api-version=2025-05-01"), Stop);
        var accepted = await arm.SendAsync(new ArmRequest("PUT", $"{Nic}?api-version=2025-05-01") { Body = read.Body, IfMatch = read.ETag }, Stop);
        var url = accepted.AsyncOperation!;
        Assert.Matches(OperationUrl(), url);
        Assert.Null(accepted.ETag);
        Assert.Null(accepted.Location);
        await new OperationClient(arm).PollAsync(url, Stop);
        Assert.Equal(("GET", url), (arm.Sent[^1].Method, arm.Sent[^1].PathAndQuery));
    }

    private static SimulatedArm Make()
    {
        var simulator = new SimulatedArm(new FakeTimeProvider(), seed: 1);
        simulator.Seed(Samples.ThreeNodes);
        return simulator;
    }

    [GeneratedRegex("^https://management\\.azure\\.com/subscriptions/[^/]+/providers/Microsoft\\.Network/locations/westeurope/operations/[0-9a-f-]{36}\\?api-version=2025-05-01$", RegexOptions.CultureInvariant)]
    private static partial Regex OperationUrl();

    private sealed class Recorder(IArm inner) : IArm
    {
        public List<ArmRequest> Sent { get; } = [];

        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            Sent.Add(request with { Body = request.Body.ToArray() });
            return inner.SendAsync(request, cancellationToken);
        }
    }
}

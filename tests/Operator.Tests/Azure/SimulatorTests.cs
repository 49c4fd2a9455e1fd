using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Http;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Operations;
using Vnetcni.Operator.Azure.VirtualMachines;
using Vnetcni.Operator.Azure.VirtualNetworks;
using ResourceId = Vnetcni.Operator.Azure.Resources.ResourceId;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>The client against the simulator, which checks that nothing but our configurations changed.</summary>
public sealed class SimulatorTests
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/";
    private static readonly ResourceId Nic = ResourceId.Parse(Group + "Microsoft.Network/networkInterfaces/nic0");
    private static readonly ResourceId Vm = ResourceId.Parse(Group + "Microsoft.Compute/virtualMachines/vm0");
    private static readonly ResourceId VNet = ResourceId.Parse(Group + "Microsoft.Network/virtualNetworks/net");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Addresses_are_added_confirmed_and_removed()
    {
        var (time, simulator) = Make("10.1.0.0/24");
        using var disposed = simulator;
        var session = new Session(new SimulatorArm(simulator), time);
        var vm = (await new VirtualMachineClient(session.Arm).GetAsync(Vm, Stop)).Value!;
        Assert.Equal(("running", Nic.ToString()), (vm.PowerState, vm.PrimaryNetworkInterface!.Id));

        await session.ChangeAsync([new("vnetcni-01234567-0"), new("vnetcni-01234567-1", "10.1.0.77")], []);
        using (var nic = await session.GetAsync())
        {
            Assert.True(nic.IsSettled);
            Assert.Equal("10.1.0.77", nic.Find("vnetcni-01234567-1")!.Value.Address);
            Assert.NotNull(nic.Find("vnetcni-01234567-0")!.Value.Address);
        }

        var network = (await new VirtualNetworkClient(session.Arm).GetAsync(VNet, Stop)).Value!;
        Assert.Equal(251, Assert.Single(network.Subnets).Capacity);
        var usage = Assert.Single((await new VirtualNetworkClient(session.Arm).GetUsagesAsync(VNet, Stop)).Value!);
        Assert.Equal((4, 251), (usage.Used, usage.Limit));

        await session.ChangeAsync([], ["vnetcni-01234567-0", "vnetcni-01234567-1"]);
        using var last = await session.GetAsync();
        Assert.Equal(["ipconfig1", "other"], last.IpConfigurations.Select(configuration => configuration.Name).Order(StringComparer.Ordinal));
        Assert.Empty(simulator.Violations);
    }

    [Fact]
    public async Task Refusals_are_what_they_mean()
    {
        var (time, simulator) = Make("10.1.0.0/29");
        using var disposed = simulator;
        var session = new Session(new SimulatorArm(simulator), time);
        using var nic = await session.GetAsync();
        using var full = NicSplice.Apply(nic, NicText.Names, [new("vnetcni-01234567-0"), new("vnetcni-01234567-1")], []);
        var outcome = await session.Nics.PutAsync(Nic, full.Utf8, nic.ETag, Stop);
        Assert.Equal((ArmCause.SubnetFull, ArmAction.GiveUp, "SubnetExhausted"), (outcome.Error!.Cause, outcome.Error.Action, outcome.Error.Reason));

        simulator.WriteAsForeigner(Nic.ToString());
        using var one = NicSplice.Apply(nic, NicText.Names, [new("vnetcni-01234567-0")], []);
        outcome = await session.Nics.PutAsync(Nic, one.Utf8, nic.ETag, Stop);
        Assert.Equal(ArmAction.ReRead, outcome.Error!.Action);

        var missing = await session.Nics.GetAsync(ResourceId.Parse(Nic + "x"), Stop);
        Assert.Equal("NicNotFound", missing.Error!.Reason);
        Assert.Empty(simulator.Violations);
    }

    [Fact]
    public async Task Random_changes_touch_nothing_of_others() => await (
        from steps in Gen.Select(Gen.Bool.Array[12], Gen.Bool.Array[12]).Array[1, 5]
        select steps).SampleAsync(async steps =>
    {
        var (time, simulator) = Make("10.1.0.0/24");
        using var disposed = simulator;
        var session = new Session(new SimulatorArm(simulator), time);
        foreach (var (add, remove) in steps)
        {
            List<string> present;
            using (var nic = await session.GetAsync())
                present = [.. nic.IpConfigurations.Where(configuration => configuration.IsOurs).Select(configuration => configuration.Name)];
            var slots = Enumerable.Range(0, 12).ToList();
            var gone = slots.Where(i => remove[i]).Select(NicText.Names.ForSlot).Where(present.Contains).ToList();
            var more = slots.Where(i => add[i]).Select(NicText.Names.ForSlot).Where(name => !present.Contains(name)).Select(name => new NicAddition(name)).ToList();
            await session.ChangeAsync(more, gone);
            using var after = await session.GetAsync();
            Assert.Equal(
                present.Except(gone).Concat(more.Select(addition => addition.Name)).Order(StringComparer.Ordinal),
                after.IpConfigurations.Where(configuration => configuration.IsOurs).Select(configuration => configuration.Name).Order(StringComparer.Ordinal));
        }

        Assert.Empty(simulator.Violations);
    }, iter: 50, threads: 1);

    [Fact]
    public async Task The_same_over_https_with_a_pinned_certificate()
    {
        var (time, simulator) = Make("10.1.0.0/24");
        using var disposed = simulator;
        await using var server = await HttpsServer.StartAsync(context => ForwardAsync(simulator, context));
        var credential = ArmCredentials.Create(ArmCredentialMode.StaticToken, new ArmCredentialOptions { Token = "demo" }, time);
        using var arm = new ArmHttp(new ArmHttpOptions { Endpoint = server.Address, TrustedRoots = [server.Certificate] }, credential, time);
        var session = new Session(arm, time, url => new Uri(server.Address, new Uri(url).PathAndQuery).AbsoluteUri);
        await session.ChangeAsync([.. Enumerable.Range(0, 64).Select(slot => new NicAddition(NicText.Names.ForSlot(slot)))], []);
        using var nic = await session.GetAsync();
        Assert.Equal(64, nic.IpConfigurations.Count(configuration => configuration is { IsOurs: true, Address: not null }));
        Assert.Empty(simulator.Violations);
    }

    private static async Task ForwardAsync(SimulatedArm simulator, HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new SimRequest(context.Request.Method, context.Request.Path + context.Request.QueryString)
        {
            Body = body.ToArray(),
            Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        };
        var answer = await simulator.HandleAsync(request, context.RequestAborted);
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers.Where(header => !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)))
            context.Response.Headers[name] = value;
        await context.Response.Body.WriteAsync(answer.Body);
    }

    private static (FakeTimeProvider Time, SimulatedArm Simulator) Make(string subnet)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var simulator = new SimulatedArm(time, seed: 1);
        simulator.Seed(new Scenario
        {
            Vnets = [new("net", ["10.0.0.0/8"], [new("pods", subnet)])],
            Vms = [new("vm0")],
            Nics =
            [
                new("nic0", "net/pods")
                {
                    Vm = "vm0",
                    Secondary = new Dictionary<string, string?> { ["other"] = null },
                    Extra = JsonNode.Parse("{\"tags\":{\"owner\":\"someone\"},\"properties\":{\"allowPort25Out\":true,\"novel\":[1,{\"x\":null}]}}")!.AsObject(),
                },
            ],
        });
        return (time, simulator);
    }

    /// <summary>What the operator does for one change: GET, splice, PUT, follow the operation.</summary>
    private sealed class Session(IArm arm, FakeTimeProvider time, Func<string, string>? locate = null)
    {
        internal IArm Arm => arm;

        internal NetworkInterfaceClient Nics { get; } = new(arm, NicText.Names);

        internal async Task<NicView> GetAsync() => (await Nics.GetAsync(Nic, Stop)).Value!;

        internal async Task ChangeAsync(IReadOnlyList<NicAddition> add, IReadOnlyCollection<string> remove)
        {
            using var nic = await GetAsync();
            using var body = NicSplice.Apply(nic, NicText.Names, add, remove);
            var outcome = await Nics.PutAsync(Nic, body.Utf8, nic.ETag, Stop);
            Assert.True(outcome.IsAccepted, outcome.Error?.ToString());
            var url = outcome.OperationUrl!;
            for (var poll = 0; poll < 1000; poll++)
            {
                var operation = await new OperationClient(arm).PollAsync(locate?.Invoke(url) ?? url, Stop);
                if (operation.State != ArmOperationState.Running)
                {
                    Assert.Equal(ArmOperationState.Succeeded, operation.State);
                    return;
                }

                time.Advance(operation.RetryAfter ?? TimeSpan.FromSeconds(1));
            }

            Assert.Fail("the operation did not end");
        }
    }
}

using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Authorization;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Preflight;
using Vnetcni.Operator.Tests.Azure;

namespace Vnetcni.Operator.Tests.Preflight;

/// <summary>Preflight against the simulator, which refuses what its roles do not give: both have to say the same.</summary>
public sealed class RightsCheckTests
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni";
    private const string Vnet = Group + "/providers/Microsoft.Network/virtualNetworks/vnet";
    private const string Nic = Group + "/providers/Microsoft.Network/networkInterfaces/node-1-nic";
    private const string SecurityGroup = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared/providers/Microsoft.Network/networkSecurityGroups/nsg";

    private static readonly string[] FullRole = [.. RequiredRights.All.Select(r => r.Action)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_whole_role_nothing_is_missing()
    {
        var (code, text) = await RunAsync(new Scenario { RoleAssignments = [new SimRoleAssignment("/subscriptions/00000000-0000-0000-0000-000000000001", FullRole)] });
        Assert.Equal(PreflightReport.Ready, code);
        Assert.Contains(" 0 lacking. Nothing was changed.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("MISSING", text, StringComparison.Ordinal);
    }

    public static TheoryData<string> Failures =>
        [.. RequiredRights.All.Where(r => r is { Optional: false, UniformOnly: false } && (r.Place != RightPlace.Linked || r.Action.Contains("networkSecurityGroups", StringComparison.Ordinal))).Select(r => r.Action)];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Each_missing_right_is_named_with_its_scope_and_the_command(string action)
    {
        var role = new SimRoleAssignment("/subscriptions/00000000-0000-0000-0000-000000000001", [.. FullRole.Where(a => a != action)]);
        var (code, text) = await RunAsync(new Scenario { RoleAssignments = [role] }, networks: Vnet);
        Assert.Equal(PreflightReport.Lacking, code);
        var right = RequiredRights.All.Single(r => r.Action == action);
        // Without the right to list interfaces nobody knows what they name.
        var scope = right.Place switch { RightPlace.Nodes => Group, RightPlace.Network => Vnet, _ => SecurityGroup };
        Assert.Contains($"MISSING  {action}\n         on {scope}\n         without it {right.Why}", text, StringComparison.Ordinal);
        Assert.Contains($"az role assignment create --assignee-object-id OBJECT_ID --assignee-principal-type ServicePrincipal --role \"vnetcni operator\" --scope {scope}", text, StringComparison.Ordinal);
        Assert.Equal(1, text.Split("MISSING").Length - 1);
    }

    [Fact]
    public async Task What_preflight_calls_missing_ARM_refuses_with_the_same_right()
    {
        var role = new SimRoleAssignment(Group, [.. FullRole.Where(a => !a.EndsWith("subnets/join/action", StringComparison.Ordinal))]);
        var (_, simulator) = Make(new Scenario { RoleAssignments = [role] });
        using var disposed = simulator;
        var arm = new SimulatorArm(simulator);
        var read = await arm.SendAsync(new ArmRequest("GET", Nic + "?api-version=2025-05-01"), Stop);
        var error = ArmErrors.Of(await arm.SendAsync(new ArmRequest("PUT", Nic + "?api-version=2025-05-01") { Body = read.Body, IfMatch = read.ETag }, Stop));
        Assert.Equal(("LinkedAuthorizationFailed", "Microsoft.Network/virtualNetworks/subnets/join/action", Vnet + "/subnets/nodes"), (error.Code, error.MissingAction, error.Scope));
        Assert.Empty(simulator.Violations);
    }

    [Fact]
    public async Task A_right_given_on_the_resource_alone_counts()
    {
        var roles = new[]
        {
            new SimRoleAssignment(Group, [.. FullRole.Where(a => !a.Contains("/virtualNetworks/", StringComparison.Ordinal))]),
            new SimRoleAssignment(Vnet, ["Microsoft.Network/virtualNetworks/*"]),
            new SimRoleAssignment(SecurityGroup, ["*/join/action", "Microsoft.Authorization/*/read"]),
        };
        var (code, text) = await RunAsync(new Scenario { RoleAssignments = roles });
        Assert.True(code == PreflightReport.Ready, text);
    }

    [Fact]
    public async Task A_deny_assignment_wins_and_no_command_is_offered_against_it()
    {
        var (code, text) = await RunAsync(new Scenario
        {
            RoleAssignments = [new SimRoleAssignment(Group, ["*"]), new SimRoleAssignment(SecurityGroup, ["*"])],
            DenyAssignments = [new SimDenyAssignment("AKS node resource group", Group, ["*/write"]) { ExcludePrincipals = ["22222222-0000-0000-0000-000000000000"] }],
        });
        Assert.True(code == PreflightReport.Lacking, text);
        Assert.True(text.Contains($"DENIED   Microsoft.Network/networkInterfaces/write\n         on {Group}\n         AKS node resource group on {Group}", StringComparison.Ordinal), text);
        Assert.Contains("no assignment mends it", text, StringComparison.Ordinal);
        Assert.DoesNotContain("az role assignment", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deny_assignment_is_for_those_whom_it_names()
    {
        var denied = new ActionSet(["*"], ["*/read"]);
        var all = new DenyAssignment("d", Group, true, [denied], [DenyAssignment.Everyone], ["me"]);
        Assert.True(all.Denies("a/write", Vnet, "you"));
        Assert.True(all.Denies("a/write", Vnet, null));
        Assert.False(all.Denies("a/write", Vnet, "ME"));
        Assert.False(all.Denies("a/read", Vnet, "you"));
        Assert.False(all.Denies("a/write", Group + "-other", "you"));
        Assert.False((all with { ForChildren = false }).Denies("a/write", Vnet, "you"));
        Assert.False((all with { Principals = ["a-group"] }).Denies("a/write", Vnet, "you"));
        Assert.True((all with { Principals = ["you"] }).Denies("a/write", Vnet, "you"));
    }

    [Theory]
    [InlineData("*", "Microsoft.Network/x/read", true)]
    [InlineData("*/read", "Microsoft.Network/x/read", true)]
    [InlineData("*/read", "Microsoft.Network/x/readme", false)]
    [InlineData("microsoft.network/*/join/action", "Microsoft.Network/virtualNetworks/subnets/join/action", true)]
    [InlineData("Microsoft.Network/networkInterfaces/read", "Microsoft.Network/networkInterfaces/write", false)]
    [InlineData("Microsoft.Network/networkInterfaces", "Microsoft.Network/networkInterfaces/read", false)]
    [InlineData("", "a", false)]
    public void Actions_are_compared_as_roles_do(string pattern, string action, bool matches) => Assert.Equal(matches, ActionSet.Matches(pattern, action));

    [Fact]
    public async Task Without_the_right_to_ask_it_says_so_and_does_not_call_it_fine()
    {
        var (code, text) = await RunAsync(new Scenario { RoleAssignments = [new SimRoleAssignment(Group, ["Microsoft.Network/*"])] });
        Assert.Equal(PreflightReport.Lacking, code);
        Assert.Contains("unknown  Microsoft.Network/networkInterfaces/write", text, StringComparison.Ordinal);
        Assert.Contains("give the identity Microsoft.Authorization/permissions/read", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_reads_are_sent_and_throttling_is_waited_out()
    {
        var (time, simulator) = Make(new Scenario());
        using var disposed = simulator;
        simulator.AddFault(new ArmSimulator.Faults.Fault { Kind = ArmSimulator.Faults.FaultKind.Error, Status = 429, Code = "TooManyRequests", RetryAfter = 17, Count = 2 });
        var arm = new ReadingArm(new SimulatorArm(simulator), time);
        var run = PreflightCommand.RunAsync(arm, new PreflightOptions { NodeGroups = Group }, null, TextWriter.Null, Stop);
        for (var i = 0; i < 100 && !run.IsCompleted; i++)
            time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(PreflightReport.Ready, await run);
        Assert.Equal((0, 0), ((int)simulator.Totals.Writes, (int)simulator.Totals.Deletes));
        Assert.True(time.GetUtcNow() - time.Start >= TimeSpan.FromSeconds(34), "Retry-After was not obeyed");
        await Assert.ThrowsAsync<InvalidOperationException>(() => arm.SendAsync(new ArmRequest("PUT", Nic), Stop));
    }

    [Theory]
    [InlineData("", "--node-groups is missing")]
    [InlineData("--node-groups=rg", "'rg' is not the id of a resource group")]
    [InlineData("--node-groups=" + Vnet, "is not the id of a resource group")]
    [InlineData("--node-groups=" + Group + " --networks=" + Nic, "is not the id of a virtual network")]
    [InlineData("--node-groups=" + Group + " --uniform=perhaps", "neither true nor false")]
    public void Wrong_options_are_named(string arguments, string message) => Assert.Contains(
        message, Assert.Throws<FormatException>(() => PreflightOptions.Read(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_hosts_options_are_left_to_it()
    {
        var (own, rest) = PreflightOptions.Read(["--cloud", "usgov", "--node-groups", Group, "--arm-identity=managed", "--all", "true"], _ => null);
        Assert.Equal((Group, "true"), (own.NodeGroups, own.All));
        Assert.Equal(["--cloud", "usgov", "--arm-identity=managed"], rest);
    }

    [Theory]
    [InlineData("Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write", Group)]
    [InlineData("Microsoft.Network/virtualNetworks/subnets/join/action", Vnet)]
    public async Task Uniform_scale_sets_need_more_and_their_links_are_seen(string action, string scope)
    {
        var simulator = new SimulatedArm(new FakeTimeProvider(), seed: 1);
        using var disposed = simulator;
        simulator.Seed(new Scenario
        {
            Vnets = Samples.ThreeNodes.Vnets,
            ScaleSets = [new ScenarioScaleSet("set")],
            Vms = [new ScenarioVm("set/0")],
            Nics = [new ScenarioNic("eth0", "vnet/nodes") { Vm = "set/0" }],
            RoleAssignments = [new SimRoleAssignment(Group, [.. FullRole.Where(a => a != action)])],
        });
        using var output = new StringWriter { NewLine = "\n" };
        var options = new PreflightOptions { NodeGroups = Group, Uniform = "true" };
        Assert.Equal(PreflightReport.Lacking, await PreflightCommand.RunAsync(new SimulatorArm(simulator), options, null, output, Stop));
        Assert.Contains($"MISSING  {action}\n         on {scope}\n", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, output.ToString().Split("MISSING").Length - 1);
    }

    [Fact]
    public async Task A_group_that_is_not_there_is_an_error_of_the_options()
    {
        var (_, simulator) = Make(new Scenario());
        using var disposed = simulator;
        var options = new PreflightOptions { NodeGroups = Group + "-typo" };
        var error = await Assert.ThrowsAsync<FormatException>(() => PreflightCommand.RunAsync(new SimulatorArm(simulator), options, null, TextWriter.Null, Stop));
        Assert.Contains("vnetcni-typo does not exist", error.Message, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Text)> RunAsync(Scenario rights, string networks = "")
    {
        var (_, simulator) = Make(rights);
        using var disposed = simulator;
        using var output = new StringWriter { NewLine = "\n" };
        var code = await PreflightCommand.RunAsync(new SimulatorArm(simulator), new PreflightOptions { NodeGroups = Group, Networks = networks }, null, output, Stop);
        Assert.Equal((0, 0), ((int)simulator.Totals.Writes, (int)simulator.Totals.Deletes));
        return (code, output.ToString());
    }

    private static (FakeTimeProvider Time, SimulatedArm Simulator) Make(Scenario rights)
    {
        var time = new FakeTimeProvider();
        var simulator = new SimulatedArm(time, seed: 1);
        var nics = Samples.ThreeNodes.Nics.Select(n => n with
        {
            Extra = (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse("{\"properties\":{\"networkSecurityGroup\":{\"id\":\"" + SecurityGroup + "\"}}}")!,
        });
        simulator.Seed(Samples.ThreeNodes with { Nics = [.. nics], ResourceGroups = ["shared"] });
        simulator.Seed(rights);
        return (time, simulator);
    }
}

using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Http;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class FaultPlanTests
{
    private const string Full = """
        name: all fields
        description: one rule with everything
        faults:
          - kind: error
            method: put
            route: networkInterfaces/{name}
            path: "*/nic-1"
            skip: 1
            count: 2
            probability: 0.5
            fromSeconds: 10
            untilSeconds: 20.5
            everySeconds: 5
            forSeconds: 2
            status: 418
            code: Teapot
            message: short and stout
            detailCode: Spout
            retryAfter: 7
            delaySeconds: 0.25
            withoutEffect: true
        """;

    public static TheoryData<string> Examples => [.. Directory.GetFiles(Path.Combine(Root(), "examples/faults"), "*.yaml").Select(f => Path.GetFileName(f)!)];

    [Fact]
    public void Every_field_is_read()
    {
        var plan = FaultPlan.Parse(Full, "p.yaml");
        Assert.Equal("all fields", plan.Name);
        Assert.Equal(
            new Fault
            {
                Kind = FaultKind.Error,
                Method = "PUT",
                Route = "networkInterfaces/{name}",
                Path = "*/nic-1",
                Skip = 1,
                Count = 2,
                Probability = 0.5,
                FromSeconds = 10,
                UntilSeconds = 20.5,
                EverySeconds = 5,
                ForSeconds = 2,
                Status = 418,
                Code = "Teapot",
                Message = "short and stout",
                DetailCode = "Spout",
                RetryAfter = 7,
                DelaySeconds = 0.25,
                WithoutEffect = true,
            },
            Assert.Single(plan.Faults));
    }

    [Fact]
    public void A_plan_can_set_every_field_that_a_rule_has() => Assert.All(
        typeof(Fault).GetProperties().Where(p => p.CanWrite),
        p => Assert.Contains($" {char.ToLowerInvariant(p.Name[0])}{p.Name[1..]}:", Full.Replace("- kind", "  kind", StringComparison.Ordinal), StringComparison.Ordinal));

    [Theory]
    [InlineData("", "p.yaml: is empty")]
    [InlineData("faults: [}", "p.yaml:1: is no YAML")]
    [InlineData("- kind: Error", "p.yaml:1: the plan: must be a mapping")]
    [InlineData("name: x", "p.yaml:1: faults: is missing")]
    [InlineData("faults: yes", "p.yaml:1: faults: must be a list")]
    [InlineData("rules: []", "p.yaml:1: rules: is not known")]
    [InlineData("faults:\n  - method: PUT", "p.yaml:2: faults[0].kind: is missing; it is one of Error")]
    [InlineData("faults:\n  - kind: Error\n  - kind: Eror", "p.yaml:3: faults[1].kind: \"Eror\" must be one of Error, ")]
    [InlineData("faults:\n  - kind: Error\n    probability: 2", "p.yaml:3: faults[0].probability: \"2\" must be a number from 0 to 1")]
    [InlineData("faults:\n  - kind: Error\n    probabilty: 1", "p.yaml:3: faults[0].probabilty: is not known; a rule has kind, method")]
    [InlineData("faults:\n  - kind: Error\n    route: networkInterface/{name}", "p.yaml:3: faults[0].route: \"networkInterface/{name}\" must be one of networkInterfaces/{name}")]
    [InlineData("faults:\n  - kind: Error\n    code: SubnetFull", "p.yaml:2: faults[0].code: \"SubnetFull\" is not one whose status is known")]
    [InlineData("faults:\n  - kind: Error\n    count: 1.5", "p.yaml:3: faults[0].count: \"1.5\" must be a whole number")]
    [InlineData("faults:\n  - kind: Error\n    count: [1]", "p.yaml:3: faults[0].count: this must be a text")]
    [InlineData("faults:\n  - kind: Error\n    status: 200", "p.yaml:3: faults[0].status: \"200\" must be a whole number from 400 to 599")]
    [InlineData("faults:\n  - kind: SlowBody", "p.yaml:2: faults[0]: A fault of the kind SlowBody needs delaySeconds")]
    [InlineData("faults:\n  - kind: Error\n    everySeconds: 5", "p.yaml:2: faults[0]: A fault has both everySeconds and forSeconds")]
    [InlineData("faults:\n  - kind: Error\n    fromSeconds: 9\n    untilSeconds: 9", "p.yaml:2: faults[0].untilSeconds: is not after fromSeconds")]
    [InlineData("faults: []\n---\nfaults: []", "starts a second document")]
    [InlineData("faults:\n  - kind: Error\n    kind: Error", "p.yaml:3: is no YAML")]
    public void What_is_wrong_is_said_with_line_and_field(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FaultPlanException>(() => FaultPlan.Parse(text, "p.yaml")).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task The_examples_are_plans_that_fire(string name)
    {
        var options = CommandLine.Parse(["--faults", Path.Combine(Root(), "examples/faults", name)]);
        using var rig = new Rig();
        foreach (var fault in options.Faults)
            rig.Arm.AddFault(fault);
        Assert.NotEmpty(options.Faults);
        for (var i = 0; i < 700 && rig.Arm.Faults.Any(f => f.Fired == 0 && f.Fault.Kind is FaultKind.Error or FaultKind.FailOperation); i++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(2));
            var read = rig.Arm.HandleAsync(new SimRequest("GET", Nic1 + NetworkVersion), TestContext.Current.CancellationToken);
            // A slow one is left behind.
            if (!read.IsCompletedSuccessfully || await read is not { Status: 200 } answer)
                continue;
            _ = rig.Arm.HandleAsync(new SimRequest("PUT", Nic1 + NetworkVersion) { Body = answer.Body }, TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain(rig.Arm.Faults, f => f.Fired == 0 && f.Fault.Kind is FaultKind.Error or FaultKind.FailOperation);
        rig.AssertClean();
    }

    [Fact]
    public void A_rule_may_fire_in_the_first_part_of_each_period()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.Error, FromSeconds = 10, EverySeconds = 60, ForSeconds = 20 });
        List<int> failing = [];
        for (var second = 0; second < 130; second++)
        {
            if (rig.Get(Nic1).Status == 500)
                failing.Add(second);
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([.. Enumerable.Range(10, 20), .. Enumerable.Range(70, 20)], failing);
    }

    public static TheoryData<string> Codes => [.. FaultCatalogue.Codes];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_known_code_needs_nothing_else(string code)
    {
        using var rig = new Rig();
        rig.Arm.AddFault(FaultPlan.Parse($"faults: [{{ kind: Error, code: {code} }}]", "p").Faults[0]);
        var response = rig.Get(Nic1);
        var error = Body(response)["error"]!;
        Assert.InRange(response.Status, 400, 504);
        Assert.Equal(code, (string?)error["code"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        Assert.Null(response.Header("Retry-After"));
    }

    [Fact]
    public void A_rule_of_its_own_words_wins()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.Error, Code = "AnotherOperationInProgress", Status = 429, Message = "wait", RetryAfter = 3 });
        var response = rig.Get(Nic1);
        Assert.Equal((429, "wait", "3"), (response.Status, Message(response), response.Header("Retry-After")));
    }

    [Fact]
    public async Task A_slow_body_comes_late_as_a_whole_without_HTTP()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.SlowBody, DelaySeconds = 30, Count = 1 });
        var answer = rig.Arm.HandleAsync(new SimRequest("GET", Nic1 + NetworkVersion), TestContext.Current.CancellationToken);
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(answer.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await answer).Status);
    }

    [Fact]
    public void Metadata_and_wireserver_may_lag_behind()
    {
        using var rig = new Rig();
        rig.Arm.AddFault(new Fault { Kind = FaultKind.MetadataLag, DelaySeconds = 60, Path = "/vm/vm-1/*" });
        rig.Time.Advance(TimeSpan.FromSeconds(100));
        rig.Edit(Nic1, n => Add(n, "vnetcni-1"));
        Assert.Equal(["10.0.0.4"], Seen(rig));
        Assert.Equal(1, Wire(rig));
        rig.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(["10.0.0.4", "10.0.0.6"], Seen(rig));
        Assert.Equal(2, Wire(rig));
        rig.Arm.ClearFaults();
        rig.Edit(Nic1, n => Configs(n).RemoveAt(1));
        Assert.Equal(["10.0.0.4"], Seen(rig));

        static string[] Seen(Rig rig) => [.. JsonNode.Parse(rig.Arm.InstanceMetadata("vm-1", "network"))!["interface"]![0]!["ipv4"]!["ipAddress"]!.AsArray().Select(a => (string)a!["privateIpAddress"]!)];
        static int Wire(Rig rig) => System.Xml.Linq.XDocument.Parse(System.Text.Encoding.UTF8.GetString(rig.Arm.InterfaceInfo("vm-1")!)).Descendants("IPAddress").Count();
    }

    [Fact]
    public void The_wireserver_says_mac_prefix_and_addresses()
    {
        using var rig = new Rig();
        var mac = (string)rig.Read(Nic1)["properties"]!["macAddress"]!;
        Assert.Equal(
            $"""<Interfaces><Interface MacAddress="{mac.Replace("-", "", StringComparison.Ordinal)}" IsPrimary="true"><IPSubnet Prefix="10.0.0.0/16"><IPAddress Address="10.0.0.4" IsPrimary="true" /></IPSubnet></Interface></Interfaces>""",
            System.Text.Encoding.UTF8.GetString(rig.Arm.InterfaceInfo("vm-1")!));
        Assert.Null(rig.Arm.InterfaceInfo("none"));
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Operator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside a checkout.");
        return folder;
    }
}

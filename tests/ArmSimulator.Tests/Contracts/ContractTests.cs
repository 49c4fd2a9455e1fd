using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Authorization;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests.Contracts;

/// <summary>
/// Exchanges as Azure documents or was seen to have them, in the files beside this one. Each names its source: [R] recorded, [D] documented,
/// [U] unverified. The simulator must answer so: status, presence of headers, members of the body, order.
/// </summary>
public sealed class ContractTests
{
    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["{group}"] = Group,
        ["{nic}"] = Nic1,
        ["{nics}"] = Group + "/providers/Microsoft.Network/networkInterfaces",
        ["{allNics}"] = $"/subscriptions/{Sub}/providers/Microsoft.Network/networkInterfaces",
        ["{freshNic}"] = Group + "/providers/Microsoft.Network/networkInterfaces/fresh",
        ["{looseNic}"] = Group + "/providers/Microsoft.Network/networkInterfaces/loose",
        ["{otherGroupNic}"] = $"/subscriptions/{Sub}/resourceGroups/nowhere/providers/Microsoft.Network/networkInterfaces/n",
        ["{otherSubscriptionNic}"] = "/subscriptions/11111111-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/n",
        ["{vnet}"] = Vnet,
        ["{vnets}"] = Group + "/providers/Microsoft.Network/virtualNetworks",
        ["{subnet}"] = Subnet,
        ["{vm}"] = Vm1,
        ["{vms}"] = Group + "/providers/Microsoft.Compute/virtualMachines",
        ["{noOperation}"] = $"/subscriptions/{Sub}/providers/Microsoft.Network/locations/westeurope/operations/11111111-0000-0000-0000-000000000000",
    };

    public static TheoryData<string, string> Exchanges
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var file in Directory.GetFiles(Folder(), "*.json").Order(StringComparer.Ordinal))
            {
                foreach (var exchange in JsonNode.Parse(File.ReadAllText(file))!.AsArray())
                    all.Add(Path.GetFileName(file), (string)exchange!["name"]!);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Exchanges))]
    public void The_simulator_answers_as_Azure(string file, string name)
    {
        var exchange = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(), file)))!.AsArray().Single(e => (string?)e!["name"] == name)!;
        Assert.All(exchange["source"]!.AsArray(), source => Assert.Matches(@"^\[(R|D|U)\] ", (string)source!));
        using var rig = Make((string?)exchange["given"] ?? "", out var operation);
        var response = Send(rig, exchange["request"]!, operation);
        var reply = exchange["reply"]!;
        Assert.Equal((int)reply["status"]!, response.Status);
        foreach (var (header, wanted) in reply["headers"]!.AsObject())
            CheckHeader(response, header, (string)wanted!);
        if (reply["body"] is not { } shape)
        {
            Assert.Equal(0, response.Body.Length);
            return;
        }

        Assert.Empty(Shape.Differences(JsonNode.Parse(response.Body.Span), shape));
        if ((string?)reply["order"] == "primaryFirst")
            Assert.Equal([true, .. Enumerable.Repeat(false, Configs(Body(response)).Count - 1)], Configs(Body(response)).Select(c => (bool)c!["properties"]!["primary"]!));
    }

    [Fact]
    public void A_shape_sees_what_is_missing_added_or_of_another_kind()
    {
        var shape = JsonNode.Parse("""{"a":"string","b?":"number","c":[{"d":"=x"}],"e":"~^y"}""");
        Assert.Empty(Shape.Differences(JsonNode.Parse("""{"a":"","c":[{"d":"x"}],"e":"yes"}"""), shape));
        Assert.Equal(
            ["$.a is missing", "$.b is \"1\", wanted number", "$.c[0].d is \"z\", wanted =x", "$.e is \"no\", wanted ~^y", "$.f is not documented"],
            Shape.Differences(JsonNode.Parse("""{"b":"1","c":[{"d":"z"}],"e":"no","f":0}"""), shape));
    }

    private static Rig Make(string given, out string? operation)
    {
        var rig = new Rig(
            new SimSettings
            {
                PageSize = given == "small pages" ? 1 : 100,
                ConcurrentPut = given.EndsWith("conflict409", StringComparison.Ordinal) ? ConcurrentPutMode.Conflict409
                    : given.Contains("supersede", StringComparison.Ordinal) ? ConcurrentPutMode.Supersede : ConcurrentPutMode.Reject429,
                Throttle = new ThrottleSettings { ReadBucket = given == "no reads left" ? 0 : 250 },
            },
            pods: given == "small subnet" ? "10.0.0.0/28" : "10.0.0.0/16");
        operation = null;
        if (given == "failed")
            rig.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Count = 1 });
        if (given.StartsWith("busy", StringComparison.Ordinal) || given is "done" or "failed" or "superseded")
            operation = rig.Edit(Nic1, n => Add(n, "vnetcni-9")).Header("Azure-AsyncOperation");
        if (given == "superseded")
            rig.Edit(Nic1, n => Add(n, "vnetcni-8"));
        if (given is "done" or "failed" or "superseded")
            rig.Settle();
        if (given == "a loose interface")
        {
            rig.Put(Places["{looseNic}"], NewNic(Config("a")));
            rig.Settle();
        }

        rig.Arm.Seed(new Scenario
        {
            RoleAssignments = given switch
            {
                "read only" => [new SimRoleAssignment(Group, ["*/read"])],
                "no join" => [new SimRoleAssignment(Group, ["*"]) { NotActions = ["*/join/action"] }],
                _ => [],
            },
            DenyAssignments = given == "a deny assignment" ? [new SimDenyAssignment("d", Group, ["*/delete"]) { ExcludePrincipals = ["me"] }] : [],
        });
        return rig;
    }

    private static SimResponse Send(Rig rig, JsonNode request, string? operation)
    {
        var path = (string)request["path"]!;
        path = path == "{operation}" ? operation! : Places.Aggregate(path, (p, place) => p.Replace(place.Key, place.Value, StringComparison.Ordinal));
        if (path.EndsWith('?'))
            path += "nothing=1";
        else if (!path.Contains("api-version", StringComparison.Ordinal))
            path += (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + NetworkVersion[1..];
        var ifMatch = (string?)request["ifMatch"];
        var body = Sent(rig, (string?)request["send"]);
        if (ifMatch == "current")
            ifMatch = (string)body!["etag"]!;
        return ifMatch is null ? rig.Send((string)request["method"]!, path, body) : rig.Send((string)request["method"]!, path, body, ("If-Match", ifMatch));
    }

    private static JsonObject? Sent(Rig rig, string? what)
    {
        if (what is null)
            return null;
        if (what == "new")
            return NewNic(Config("a"));
        // As another tool would have it: reading needs a right that the case may lack.
        var nic = rig.Read(Nic1);
        if (what == "one more")
            Add(nic, "vnetcni-1");
        else if (what == "twenty more")
            Add(nic, [.. Enumerable.Range(0, 20).Select(i => $"vnetcni-{i}")]);
        else if (what == "other subnet")
            Configs(nic).Add((JsonNode)Config("vnetcni-1", OtherSubnet));
        else
            Configs(nic).Add((JsonNode)Config("vnetcni-1", address: what));
        return nic;
    }

    private static void CheckHeader(SimResponse response, string header, string wanted)
    {
        var value = response.Header(header);
        if (wanted == "absent")
            Assert.True(value is null, $"{header}: {value}");
        else if (wanted == "present")
            Assert.False(string.IsNullOrEmpty(value), header);
        else
            Assert.Empty(Shape.Differences(JsonValue.Create(value), JsonValue.Create(wanted)));
    }

    private static string Folder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Operator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside a checkout.");
        return Path.Combine(folder, "tests/ArmSimulator.Tests/Contracts");
    }
}

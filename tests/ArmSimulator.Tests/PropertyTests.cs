using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class PropertyTests
{
    private sealed record Step(int Nic, int Kind, int[] Slots, string Unknown, int Seconds);

    private static readonly Gen<string> Unknown = Gen.Recursive<string>(static (depth, inner) => depth > 3
        ? OneOf("null", "true", "0", "-1.5e10", "\"x\"", "12345678901234567890.123", "\"\\u0000\\\"é\"")
        : Gen.OneOf(
            OneOf("[]", "{}", "\"\"", "1.0"),
            Gen.Select(inner, inner, static (a, b) => $"[{a},{b}]"),
            Gen.Select(inner, inner, static (a, b) => $"{{\"k\":{a},\"Ü l\":{b}}}")));

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<Step> Steps =
        Gen.Select(Gen.Int[1, 2], Gen.Int[0, 9], Gen.Int[0, 15].Array[0, 8], Unknown, Gen.Int[0, 8], static (n, k, s, u, t) => new Step(n, k, s, u, t));

    [Theory]
    [InlineData(AddressAssignment.LowestFree, ConcurrentPutMode.Reject429)]
    [InlineData(AddressAssignment.RandomFree, ConcurrentPutMode.Supersede)]
    [InlineData(AddressAssignment.NextFit, ConcurrentPutMode.Conflict409)]
    public void Random_PUTs_keep_every_invariant_and_every_unknown_property(AddressAssignment assignment, ConcurrentPutMode mode) =>
        Steps.Array[1, 40].Sample(
            steps =>
            {
                using var rig = new Rig(new SimSettings { Assignment = assignment, ConcurrentPut = mode }, pods: "10.0.0.0/27");
                Dictionary<string, JsonNode?> unknown = [];
                foreach (var step in steps)
                    Apply(rig, step, unknown);
                rig.AssertClean();
            },
            iter: 150);

    [Fact]
    public void The_same_seed_and_requests_give_the_same_answers()
    {
        Steps.Array[1, 30].Sample(steps => Assert.Equal(Trace(steps, 5), Trace(steps, 5)), iter: 30);
        Step[] some = [new Step(1, 0, [1, 2], "{}", 9), new Step(2, 0, [3], "{}", 9)];
        Assert.NotEqual(Trace(some, 5), Trace(some, 6));
    }

    private static string Trace(Step[] steps, ulong seed)
    {
        using var rig = new Rig(new SimSettings { Assignment = AddressAssignment.RandomFree }, seed);
        rig.Arm.AddFault(new Fault { Kind = FaultKind.ErrorAfterCommit, Method = "PUT", Probability = 0.2 });
        rig.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Probability = 0.2 });
        var trace = new StringBuilder();
        foreach (var step in steps)
        {
            var response = Apply(rig, step, []);
            trace.Append(response.Status).Append(' ').AppendJoin(',', response.Headers).Append(' ').AppendLine(Encoding.UTF8.GetString(response.Body.Span));
        }

        foreach (var nic in (string[])[Nic1, Nic2])
            trace.AppendLine(Encoding.UTF8.GetString(rig.Get(nic).Body.Span));
        foreach (var entry in rig.Arm.Journal)
            trace.AppendLine(entry.ToString());
        return trace.ToString();
    }

    /// <summary>Slots become exactly the NIC's own configurations; kinds 7 to 9 put unknown JSON on it as another tool.</summary>
    private static SimResponse Apply(Rig rig, Step step, Dictionary<string, JsonNode?> unknown)
    {
        var id = step.Nic == 1 ? Nic1 : Nic2;
        rig.Time.Advance(TimeSpan.FromSeconds(step.Seconds));
        var got = rig.Get(id);
        var nic = Body(got);
        if (unknown.TryGetValue(id, out var expected))
            Assert.True(JsonNode.DeepEquals(expected, nic["properties"]!["zz"]), $"{expected?.ToJsonString()} became {nic["properties"]!["zz"]?.ToJsonString()}");
        Assert.Equal(got.Header("ETag"), nic["etag"]!.GetValue<string>());

        if (step.Kind >= 7)
        {
            var value = JsonNode.Parse(step.Unknown);
            nic["properties"]!["zz"] = value;
            var foreign = rig.Send("PUT", id, nic, ("If-Match", got.Header("ETag")!), (SimRequest.WriterHeader, "foreign"));
            if (foreign.Status == 200)
                unknown[id] = value?.DeepClone();
            return foreign;
        }

        var before = Configs(nic).ToDictionary(static c => c!["name"]!.GetValue<string>(), static c => c!["properties"]!["privateIPAddress"]!.GetValue<string>());
        var wanted = step.Slots.Select(static s => $"vnetcni-{s}").ToHashSet();
        for (var i = Configs(nic).Count - 1; i >= 0; i--)
        {
            var name = Configs(nic)[i]!["name"]!.GetValue<string>();
            if (name.StartsWith("vnetcni-", StringComparison.Ordinal) && !wanted.Remove(name))
                Configs(nic).RemoveAt(i);
        }

        Add(nic, [.. wanted]);
        var response = rig.Put(id, nic, got.Header("ETag"));
        if (response.Status == 200)
        {
            foreach (var c in Configs(Body(response)))
            {
                if (before.TryGetValue(c!["name"]!.GetValue<string>(), out var address))
                    Assert.Equal(address, c["properties"]!["privateIPAddress"]!.GetValue<string>());
            }
        }

        return response;
    }
}

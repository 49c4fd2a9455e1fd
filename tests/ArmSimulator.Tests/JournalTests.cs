using System.Text;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Journal;
using Vnetcni.ArmSimulator.Seeding;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>A journal that is done again gives the same answers and the same state.</summary>
public sealed class JournalTests
{
    private static readonly string[] Nics = [.. Enumerable.Range(1, 3).Select(i => $"/subscriptions/{Sub}/resourceGroups/vnetcni/providers/Microsoft.Network/networkInterfaces/node-{i}-nic")];

    private static readonly Gen<(int Kind, int Nic, int Seconds)[]> Runs = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 20]).Array[1, 40];

    [Theory]
    [InlineData(ConcurrentPutMode.Reject429, AddressAssignment.LowestFree)]
    [InlineData(ConcurrentPutMode.Supersede, AddressAssignment.RandomFree)]
    [InlineData(ConcurrentPutMode.Conflict409, AddressAssignment.NextFit)]
    public void Any_run_is_repeated_exactly(ConcurrentPutMode mode, AddressAssignment assignment) => Runs.Sample(
        steps =>
        {
            var (journal, state) = Record(new SimSettings { ConcurrentPut = mode, Assignment = assignment }, steps);
            var report = JournalReplay.Run(new StringReader(journal));
            Assert.Null(report.Difference);
            Assert.Empty(report.Violations);
            Assert.Equal(state, report.State);
            Assert.True(report.Events > steps.Length);
        },
        iter: 60);

    [Theory]
    [InlineData(ModelFollowing.AtOnce)]
    [InlineData(ModelFollowing.AtEnd)]
    [InlineData(ModelFollowing.Later)]
    public void A_run_with_a_scale_set_and_a_changing_network_is_repeated_too(ModelFollowing following)
    {
        using var journal = new StringWriter();
        string state;
        using (var rig = ScaleSetRig.Make(new SimSettings { ModelFollowing = following }, journal: journal))
        {
            Assert.Equal(200, rig.Change(["vnetcni-1", "vnetcni-2"]).Status);
            rig.Time.Advance(TimeSpan.FromSeconds(300));
            rig.Arm.ResetModel(ScaleSetRig.Vm);
            rig.Arm.ChangeVnet(Vnet, peerings: []);
            rig.Arm.WriteAsForeigner(ScaleSetRig.Nic);
            rig.Arm.SetPowerState(ScaleSetRig.Vm, "deallocated");
            Assert.Throws<KeyNotFoundException>(() => rig.Arm.ResetModel(Vm1));
            Assert.Equal(200, rig.Change(["vnetcni-3"]).Status);
            rig.Time.Advance(TimeSpan.FromSeconds(300));
            Assert.True(rig.Arm.RemoveVm(Vm1));
            state = rig.Arm.State;
        }

        var report = JournalReplay.Run(new StringReader(journal.ToString()));
        Assert.Null(report.Difference);
        Assert.Equal(state, report.State);
    }

    [Fact]
    public void A_journal_that_was_cut_is_replayed_up_to_there()
    {
        var (journal, _) = Record(new SimSettings(), [(0, 0, 5), (0, 1, 5), (0, 2, 0)]);
        var report = JournalReplay.Run(new StringReader(journal[..(journal.Length * 2 / 3)]));
        Assert.Null(report.Difference);
        Assert.True(report.Events > 3);
    }

    [Fact]
    public void A_journal_that_was_changed_is_told_with_the_line()
    {
        var (journal, _) = Record(new SimSettings(), [(0, 0, 600), (0, 1, 600)]);
        var lines = journal.Split('\n');
        var at = Array.FindIndex(lines, l => l.Contains("\"do\":\"timer\"", StringComparison.Ordinal));
        Assert.True(at > 0, $"no operation ended in: {journal}");
        var without = string.Join('\n', lines.Where((_, i) => i != at));
        var difference = JournalReplay.Run(new StringReader(without)).Difference;
        Assert.Matches("^line [0-9]+: (call|the state)", difference);
        Assert.NotNull(JournalReplay.Run(new StringReader(journal.Replace("\"seed\":7", "\"seed\":8", StringComparison.Ordinal))).Difference);
    }

    [Theory]
    [InlineData("", "line 1: the journal is empty")]
    [InlineData("hello", "line 1: is no line of a journal")]
    [InlineData("""{"version":9,"started":"2030-01-01T00:00:00Z","seed":1,"settings":{}}""", "line 1: the journal has version 9")]
    public void What_is_no_journal_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => JournalReplay.Run(new StringReader(text))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_token_is_never_written_and_its_principal_is()
    {
        var claims = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes("""{"oid":"me","secret":"hidden"}"""));
        var time = new FakeTimeProvider();
        using var journal = new StringWriter();
        using (var arm = new SimulatedArm(time, 7, new SimSettings { RequireAuthorization = true }, journal))
        {
            arm.Seed(Samples.ThreeNodes);
            foreach (var token in new[] { $"Bearer head-part.{claims}.last-part", "Bearer opaque-secret", "Basic c2VjcmV0" })
                await arm.HandleAsync(new SimRequest("GET", Nics[0] + NetworkVersion) { Headers = new Dictionary<string, string> { ["Authorization"] = token } }, TestContext.Current.CancellationToken);
        }

        var text = journal.ToString();
        Assert.All(new[] { "head-part", "last-part", "opaque", "c2VjcmV0", claims }, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Null(JournalReplay.Run(new StringReader(text)).Difference);
    }

    private static (string Journal, string State) Record(SimSettings settings, (int Kind, int Nic, int Seconds)[] steps)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var journal = new StringWriter { NewLine = "\n" };
        string state;
        using (var arm = new SimulatedArm(time, 7, settings, journal))
        {
            arm.Seed(Samples.ThreeNodes);
            arm.AddFault(new Fault { Kind = FaultKind.StaleRead, Probability = 0.1 });
            arm.AddFault(new Fault { Kind = FaultKind.MetadataLag, Probability = 0.5, DelaySeconds = 3 });
            var number = 0;
            foreach (var (kind, nic, seconds) in steps)
            {
                Do(arm, kind, Nics[nic], ++number);
                time.Advance(TimeSpan.FromSeconds(seconds));
            }

            state = arm.State;
        }

        return (journal.ToString(), state);
    }

    private static void Do(SimulatedArm arm, int kind, string nic, int number)
    {
        switch (kind)
        {
            case 5:
                arm.WriteAsForeigner(nic);
                return;
            case 6:
                arm.AddFault(new Fault { Kind = FaultKind.DropAfterCommit, Method = "PUT", Count = 1 });
                return;
            case 7:
                _ = arm.InstanceMetadata("node-1", "network");
                return;
            case 8:
                arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Count = 1, WithoutEffect = number % 2 == 0 });
                return;
            case 9:
                arm.SetPowerState($"/subscriptions/{Sub}/resourceGroups/vnetcni/providers/Microsoft.Compute/virtualMachines/node-1", number % 2 == 0 ? "running" : "deallocated");
                return;
        }

        var read = arm.HandleAsync(new SimRequest("GET", nic + NetworkVersion), TestContext.Current.CancellationToken);
        var body = Body(read.Result);
        var subnet = Configs(body)[0]!["properties"]!["subnet"]!.DeepClone();
        Add(body, $"vnetcni-{number}");
        Configs(body)[^1]!["properties"]!["subnet"] = subnet;
        if (kind == 4 && Configs(body).FirstOrDefault(c => ((string)c!["name"]!).StartsWith("vnetcni-", StringComparison.Ordinal)) is { } ours)
            Configs(body).Remove(ours);
        var put = arm.HandleAsync(
            new SimRequest("PUT", nic + NetworkVersion)
            {
                Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
                Headers = new Dictionary<string, string> { ["If-Match"] = (string)body["etag"]! },
            },
            TestContext.Current.CancellationToken);
        Assert.True(put.IsCompleted);
        Assert.True(put.IsCompletedSuccessfully || put.Exception!.InnerException is SimConnectionDroppedException);
    }
}

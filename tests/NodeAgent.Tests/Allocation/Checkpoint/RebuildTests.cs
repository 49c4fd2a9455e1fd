using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation.Checkpoint;

/// <summary>A checkpoint that can't be used is set aside, and the ledger is made anew of the kernel's links and the runtime's sandboxes.</summary>
public class RebuildTests
{
    public static TheoryData<string, bool> Damages
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var kind in new[] { "lost", "empty", "torn header", "foreign", "damaged", "future", "huge" })
            {
                data.Add(kind, false);
                data.Add(kind, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void What_the_kernel_has_is_held_again(string kind, bool asksTheRuntime) => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime);
        await rig.StopAsync();
        Damage(rig.CheckpointFile, kind);
        await rig.StartAsync();
        AssertSetAside(rig, kind);
        Assert.Equal(
            [AddressState.Assigned, AddressState.Assigned, AddressState.Free, AddressState.Free], rig.Agent.Records.Select(record => record.State));
        Assert.Equal(CniErrorCode.InterfaceExists, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        Assert.Equal(TestPool.Ip(3).ToIPAddress(), (await rig.AddAsync(3)).Address);
        // The next start reads what this one wrote.
        await rig.RestartAsync();
        await rig.WaitAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(3, rig.Agent.Records.Count(record => record.State == AddressState.Assigned));
        for (var pod = 1; pod <= 3; pod++)
            await rig.DeleteAsync(pod);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_torn_tail_loses_nothing_that_was_answered() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime: false);
        await rig.StopAsync();
        File.WriteAllBytes(rig.CheckpointFile, [.. File.ReadAllBytes(rig.CheckpointFile), 1, 2, 3]);
        await rig.StartAsync();
        Assert.Equal(2, rig.Agent.Records.Count(record => record.State == AddressState.Assigned));
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Theory]
    [InlineData("lost")]
    [InlineData("future")]
    public void A_sandbox_that_went_while_nobody_looked_is_freed_once_it_is_sure(string kind) => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime: true);
        await rig.StopAsync();
        Damage(rig.CheckpointFile, kind);
        // Its DEL was lost, and its namespace went a while after the agent had come back.
        rig.Sandboxes.Known!.Remove("c2");
        await rig.StartAsync();
        rig.Kernel.Links.Remove(HostInterfaceName.Of(Rig.Pod(2), "azv"));
        await rig.WaitAsync(TimeSpan.FromMinutes(6));
        Assert.Equal(AddressState.Assigned, rig.Agent.Records[0].State);
        Assert.Equal(AddressState.Free, rig.Agent.Records[1].State);
        await rig.DeleteAsync(1);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void Two_links_that_route_one_address_quarantine_it_and_no_other() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime: true);
        await rig.StopAsync();
        File.Delete(rig.CheckpointFile);
        var name = HostInterfaceName.Of(Rig.Pod(2), "azv");
        rig.Kernel.Links[name] = rig.Kernel.Links[name] with { Route = TestPool.Ip(1).ToIPAddress() };
        await rig.StartAsync();
        Assert.Equal(
            [AddressState.Quarantined, AddressState.Free, AddressState.Free, AddressState.Free], rig.Agent.Records.Select(record => record.State));
        Assert.Equal([Rig.Pod(1), Rig.Pod(2)], rig.Agent.Records[0].Claimants.OrderBy(owner => owner.ContainerId));
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(3)).Address);
        for (var pod = 1; pod <= 3; pod++)
            await rig.DeleteAsync(pod);
        await rig.AssertNothingLeaksAsync();
    });

    [Theory]
    [InlineData("lives", true)]
    [InlineData("silent", true)]
    [InlineData("stopped", false)]
    [InlineData("gone", false)]
    public void At_a_start_with_its_checkpoint_the_runtime_decides_about_an_address_whose_link_is_gone(string word, bool stays) => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime: true);
        await rig.StopAsync();
        rig.Kernel.Links.Remove(HostInterfaceName.Of(Rig.Pod(2), "azv"));
        rig.Sandboxes.Silent = word == "silent";
        if (word == "stopped")
            rig.Sandboxes.Known!["c2"] = false;
        if (word == "gone")
            rig.Sandboxes.Known!.Remove("c2");
        await rig.StartAsync();
        Assert.Equal(stays, rig.Agent.Records[1].State == AddressState.Assigned);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    private static async Task PrepareAsync(Rig rig, bool asksTheRuntime)
    {
        rig.Pool.Addresses = [1, 2, 3, 4];
        if (asksTheRuntime)
            rig.Sandboxes.Run(1, 2, 3);
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
    }

    private static void Damage(string path, string kind)
    {
        switch (kind)
        {
            case "lost": File.Delete(path); break;
            case "empty": File.WriteAllBytes(path, []); break;
            case "torn header": File.WriteAllBytes(path, File.ReadAllBytes(path)[..9]); break;
            case "foreign": File.WriteAllText(path, "{\"podIPs\": [\"10.1.0.1\"]}"); break;
            case "damaged":
                var bytes = File.ReadAllBytes(path);
                bytes[bytes.Length / 2] ^= 0x40;
                File.WriteAllBytes(path, bytes);
                break;
            case "future":
                var later = File.ReadAllBytes(path);
                later[RecordCodec.Magic.Length] = RecordCodec.Version + 1;
                File.WriteAllBytes(path, later);
                break;
            case "huge":
                using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
                    RandomAccess.SetLength(file, (64L << 20) + 1);
                break;
            default: throw new ArgumentException(kind);
        }
    }

    private static void AssertSetAside(Rig rig, string kind)
    {
        var name = kind switch { "lost" => null, "empty" => "empty", "damaged" => "damaged", "future" => "future", _ => "foreign" };
        var beside = Directory.GetFiles(Path.GetDirectoryName(rig.CheckpointFile)!).Select(Path.GetFileName).Where(file => file != "ledger");
        Assert.Equal(name is null ? [] : [$"ledger.{name}"], beside);
    }
}

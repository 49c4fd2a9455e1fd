using Vnetcni.AgentProtocol;
using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests;

/// <summary>
/// What users of other CNI plug-ins reported, done to this one. Each name ends with where it was reported:
/// azure-container-networking, amazon-vpc-cni-k8s and so on, and the number of the issue.
/// </summary>
public class PainTests
{
    [Fact]
    public void A_DEL_that_never_came_leaks_no_address__azure_container_networking_4497() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        rig.Sandboxes.Run(1, 2);
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        // The node's runtime tears the sandbox down, namespace and all, and its DEL gets lost.
        rig.Sandboxes.Known!.Remove("c1");
        rig.Kernel.Links.Remove(HostInterfaceName.Of(Rig.Pod(1), "azv"));
        await rig.WaitAsync(TimeSpan.FromMinutes(6));
        Assert.Equal(AddressState.Free, rig.Agent.Records[0].State);
        Assert.Equal(AddressState.Assigned, rig.Agent.Records[1].State);
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), (await rig.AddAsync(3)).Address);
    });

    [Fact]
    public void A_DEL_that_the_dead_agent_never_got_is_done_at_its_next_start__amazon_vpc_cni_k8s_1939() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        rig.Sandboxes.Run(1);
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.StopAsync();
        rig.Kernel.Links.Clear();
        rig.Sandboxes.Known!.Clear();
        await rig.StartAsync();
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void ADD_and_DEL_of_two_sandboxes_of_one_pod_interleave__azure_container_networking_4829() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        // One pod, default/p1: its first sandbox c1 failed, c2 takes its place, and the DELs of c1 come late, twice and over a restart.
        var first = await AddSandboxAsync(rig, "c1");
        var second = await AddSandboxAsync(rig, "c2");
        Assert.NotEqual(first, second);
        await rig.Cni.DeleteAsync(new Owner("net", "c1", "eth0"), CancellationToken.None);
        await rig.RestartAsync();
        await rig.Cni.DeleteAsync(new Owner("net", "c1", "eth0"), CancellationToken.None);
        var third = await AddSandboxAsync(rig, "c3");
        Assert.NotEqual(second, third);
        Assert.Equal(
            ["net/c2/eth0", "net/c3/eth0"],
            rig.Agent.Records.Where(r => r.State == AddressState.Assigned).Select(r => r.Owner!.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(2, rig.Kernel.Links.Values.Count(link => !link.Detached));
    });

    [Fact]
    public void A_state_that_contradicts_itself_stops_no_agent__azure_container_networking_1259() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        await rig.StopAsync();
        // Two links with one address: what a duplicate leaves behind.
        var name = HostInterfaceName.Of(Rig.Pod(2), "azv");
        rig.Kernel.Links[name] = rig.Kernel.Links[name] with { Route = TestPool.Ip(1).ToIPAddress() };
        await rig.StartAsync();
        Assert.True(rig.Agent.IsRunning);
        Assert.Equal(TestPool.Ip(3).ToIPAddress(), (await rig.AddAsync(3)).Address);
        for (var pod = 1; pod <= 3; pod++)
            await rig.DeleteAsync(pod);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_collector_with_an_old_list_frees_no_live_address__whereabouts_162() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        rig.Sandboxes.Run();
        await rig.StartAsync();
        HashSet<Owner> listedBefore = [];
        await rig.AddAsync(1);
        rig.Sandboxes.Run(1);
        await rig.Cni.CollectAsync("net", listedBefore, CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(AddressState.Assigned, rig.Agent.Records[0].State);
        Assert.False(Assert.Single(rig.Kernel.Links).Value.Detached);
    });

    [Fact]
    public void A_pod_whose_sandbox_is_listed_late_keeps_its_address__spiderpool_2526() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        rig.Sandboxes.Run();
        await rig.StartAsync();
        await rig.AddAsync(1);
        // The runtime lists it when its image is pulled and its other networks stand, half an hour later.
        await rig.WaitAsync(TimeSpan.FromMinutes(30));
        rig.Sandboxes.Run(1);
        await rig.WaitAsync(TimeSpan.FromMinutes(30));
        Assert.Equal(AddressState.Assigned, rig.Agent.Records[0].State);
    });

    [Fact]
    public void One_ADD_that_hangs_in_the_kernel_holds_up_no_other_of_200__azure_container_networking_2817() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [.. Enumerable.Range(1, 201)];
        await rig.StartAsync();
        var gate = rig.Network.AttachGate = new TaskCompletionSource();
        var hangs = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromMilliseconds(50));
        rig.Network.AttachGate = null;
        var before = rig.Time.GetUtcNow();
        var outcomes = await Task.WhenAll(Enumerable.Range(2, 200).Select(pod => rig.AddAsync(pod)));
        Assert.Equal(200, outcomes.Select(outcome => outcome.Address).Distinct().Count());
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, 0, 1);
        Assert.False(hangs.IsCompleted);
        gate.SetResult();
        await hangs;
    });

    [Theory]
    [InlineData("")]
    [InlineData("{\"IPAM\":")]
    public void An_empty_or_cut_state_file_stops_no_agent__azure_container_networking_321(string content) => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.StopAsync();
        File.WriteAllText(rig.CheckpointFile, content);
        await rig.StartAsync();
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(2)).Address);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void An_exhausted_pool_is_a_typed_error_with_the_numbers_and_the_next_step__azure_container_networking_195() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        var error = await Rig.FailsAsync(rig.AddAsync(2));
        Assert.Equal(CniErrorCode.NoAddress, error.Code);
        Assert.Contains("held 1 of at most 250, in use 1", error.Details, StringComparison.Ordinal);
        Assert.Contains("SubnetExhausted", error.Details, StringComparison.Ordinal);
    });

    [Fact]
    public void Pods_find_their_addresses_ready_when_their_ADD_comes__azure_container_networking_2999() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 20);
        // The demand was told before the runtime asked for anything.
        Assert.True(rig.Usage.Desired >= 20, $"{rig.Usage.Desired}");
        await rig.PublishAsync([.. Enumerable.Range(1, rig.Usage.Desired!.Value)]);
        var before = rig.Time.GetUtcNow();
        for (var pod = 1; pod <= 20; pod++)
            await rig.AddAsync(pod);
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalMilliseconds, 0, 100);
    });

    [Fact]
    public void Pods_with_the_nodes_own_network_want_no_address__aks_engine_4689() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 50, hostNetwork: true);
        Assert.Equal(2, rig.Usage.Desired);
    });

    [Fact]
    public void What_nobody_needs_is_given_back__cilium_46073() => KubeRig.Test(async rig =>
    {
        rig.MakePool([.. Enumerable.Range(1, 30)]);
        await rig.StartAsync();
        await rig.WaitAsync(200);
        Assert.Equal(28, rig.Usage.Releasable!.Count);
    });

    [Fact]
    public void A_batch_of_one_wastes_no_address__AKS_4035() => KubeRig.Test(async rig =>
    {
        rig.MakePool(KubeRig.Mac, new PoolSettings { MinFree = 0, BatchSize = 1, MaxFree = 1 }, 1, 2, 3);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 3);
        Assert.Equal(3, rig.Usage.Desired);
        for (var pod = 1; pod <= 3; pod++)
            await rig.AddAsync(pod);
        Assert.Equal(3, rig.Usage.Desired);
    });

    [Fact]
    public void A_freed_address_rests_also_over_a_restart__amazon_vpc_cni_k8s_3634() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(5));
        await rig.RestartAsync();
        var before = rig.Time.GetUtcNow();
        await rig.AddAsync(2);
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, 24, 26);
    });

    [Fact]
    public void Resting_addresses_do_not_block_a_full_pool__amazon_vpc_cni_k8s_2896() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        rig.Pool.AtLimit = true;
        rig.Pool.Settings = new EffectiveSettings { ReuseCooldown = TimeSpan.FromMinutes(10) };
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        await rig.DeleteAsync(2);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.DeleteAsync(1);
        var before = rig.Time.GetUtcNow();
        // The one that was freed first, 5 s after that.
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(3)).Address);
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, 3, 5);
    });

    [Fact]
    public void Nothing_is_handed_out_after_a_restart_before_the_status_is_read__amazon_vpc_cni_k8s_3887() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3);
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.StopAsync();
        // While the agent was away the interface lost address 2.
        await rig.PublishAsync([1, 3]);
        var gate = new TaskCompletionSource();
        rig.ApiFaults.Before = async (_, _) => await gate.Task;
        await rig.StartAsync();
        var add = rig.AddAsync(2);
        await rig.WaitAsync(10);
        Assert.False(add.IsCompleted);
        gate.SetResult();
        Assert.Equal(TestPool.Ip(3).ToIPAddress(), (await add).Address);
    });

    [Fact]
    public void STATUS_fails_until_the_first_pod_can_be_served__amazon_vpc_cni_k8s_282() => KubeRig.Test(async rig =>
    {
        await rig.StartAsync();
        var error = await Rig.FailsAsync(rig.Agent.Attachments.StatusAsync(CancellationToken.None));
        Assert.Equal(CniErrorCode.NotAvailable, error.Code);
        Assert.NotNull(rig.Agent.NotServing);
        rig.MakePool(1, 2);
        await rig.WaitAsync(2);
        await rig.Agent.Attachments.StatusAsync(CancellationToken.None);
        Assert.Null(rig.Agent.NotServing);
    });

    [Fact]
    public void A_dead_API_server_neither_ends_the_agent_nor_stops_pods__amazon_vpc_cni_k8s_3235() => KubeRig.Test(async rig =>
    {
        rig.MakePool([.. Enumerable.Range(1, 10)]);
        await rig.StartAsync();
        rig.ApiFaults.Before = (_, _) => throw new HttpRequestException("Connection refused");
        rig.Server.DropWatches();
        for (var pod = 1; pod <= 5; pod++)
        {
            await rig.AddAsync(pod);
            await rig.WaitAsync(600);
            await rig.DeleteAsync(pod);
        }

        Assert.True(rig.Agent.IsRunning);
        await rig.Agent.Attachments.StatusAsync(CancellationToken.None);
    });

    [Fact]
    public void A_node_that_took_another_ones_name_gets_none_of_its_addresses__azure_container_networking_4210() => KubeRig.Test(async rig =>
    {
        rig.MakePool("00:0d:3a:ff:ff:ff", new PoolSettings { MinFree = 2, BatchSize = 2, MaxFree = 4 }, 1, 2, 3);
        await rig.StartAsync();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(30);
        Assert.False(add.IsCompleted);
        Assert.Contains("which this machine does not have", rig.Agent.NotServing!, StringComparison.Ordinal);
        await rig.PublishAsync([7]);
        Assert.Equal(TestPool.Ip(7).ToIPAddress(), (await add).Address);
    });

    private static async Task<System.Net.IPAddress> AddSandboxAsync(Rig rig, string container)
    {
        var inode = (ulong)container[1];
        var command = new AddCommand(new Owner("net", container, "eth0"), new FakeNamespace(inode), "default/p1", 0);
        return (await rig.Cni.AddAsync(command, CancellationToken.None)).Address;
    }
}

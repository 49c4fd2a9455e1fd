using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests;

/// <summary>What a node sees in its life, with the real binary, an agent process and the real kernel.</summary>
public sealed class NodeLifeTests(PublishedBinary binary)
{
    [Fact]
    public async Task Of_250_pods_that_start_at_once_each_gets_an_address_of_its_own_and_all_go_without_a_trace()
    {
        const int count = 250;
        using var node = new RealNode(binary, count);
        var pods = new TestNamespace[count];
        try
        {
            for (var i = 0; i < count; i++)
                pods[i] = new TestNamespace();
            var added = await Task.WhenAll(pods.Select((pod, i) => node.CallAsync("ADD", $"c{i}", pod.Path)));
            Assert.All(added, result => Assert.True(result.ExitCode == 0, result.Output));
            Assert.Equal(count, added.Select(result => result.Json.GetProperty("ips")[0].GetProperty("address").GetString()).Distinct().Count());
            await node.AssertNothingLeakedAsync([.. Enumerable.Range(0, count).Select(i => $"c{i}")]);

            var deleted = await Task.WhenAll(Enumerable.Range(0, count).Select(i => node.CallAsync("DEL", $"c{i}", "")));
            Assert.All(deleted, result => Assert.Equal(new PluginResult(0, "", ""), result));
            await node.AssertNothingLeakedAsync();
        }
        finally
        {
            foreach (var pod in pods)
                pod?.Dispose();
        }
    }

    [Fact]
    public async Task Of_six_ADDs_for_one_sandbox_at_once_one_succeeds_and_the_others_change_nothing()
    {
        using var node = new RealNode(binary, 8);
        var pod = node.Pod("pod");
        var added = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => node.CallAsync("ADD", "c1", pod.Path)));
        var made = Assert.Single(added, result => result.ExitCode == 0);
        Assert.All(
            added.Where(result => result.ExitCode != 0),
            result => Assert.Contains(result.Code, new[] { CniErrorCode.InterfaceExists, CniErrorCode.TryAgainLater }));
        var check = PluginRun.Config(more: $$""","prevResult":{{made.Output}}""");
        Assert.Equal(new PluginResult(0, "", ""), await node.CallAsync("CHECK", "c1", pod.Path, check));
        await node.AssertNothingLeakedAsync("c1");
        Assert.Equal(0, (await node.CallAsync("DEL", "c1", "")).ExitCode);
        await node.AssertNothingLeakedAsync();
    }

    [Fact]
    public async Task A_DEL_that_comes_before_its_ADD_is_done_leaves_nothing()
    {
        using var node = new RealNode(binary, 2);
        var pod = node.Pod("pod");
        for (var i = 0; i < 15; i++)
        {
            var adding = node.CallAsync("ADD", "c1", pod.Path);
            await Task.Delay(i, TestContext.Current.CancellationToken);
            var deleted = await node.CallAsync("DEL", "c1", pod.Path);
            Assert.True(deleted.ExitCode == 0, deleted.Output);
            var added = await adding;
            Assert.True(added.ExitCode == 0 || added.Code == CniErrorCode.TryAgainLater, added.Output);
            // As a runtime does after both: whichever came first, this one is the last.
            Assert.Equal(0, (await node.CallAsync("DEL", "c1", "")).ExitCode);
            await node.AssertNothingLeakedAsync();
        }
    }
}

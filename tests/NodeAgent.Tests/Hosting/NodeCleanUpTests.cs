using System.Net;
using System.Text;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Snat;
using Vnetcni.NodeAgent.Hosting;
using Vnetcni.NodeAgent.Tests.Snat;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Hosting;

public sealed class NodeCleanUpTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-clean-up-").FullName;
    private readonly FakeKernel _kernel = new();
    private readonly FakeEgress _egress = new();
    private readonly List<string> _told = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nothing_of_ours_stays()
    {
        var options = Options();
        File.WriteAllBytes(options.Conflist, Conflist.Content("vnetcni", options.Socket, []));
        File.WriteAllText(options.CniBinary, "binary");
        Directory.CreateDirectory(Path.Combine(options.RunFolder, "spool"));
        File.WriteAllText(Path.Combine(options.RunFolder, "spool", "del"), "{}");
        File.WriteAllText(Path.Combine(options.RunFolder, "ledger"), "records");
        _kernel.Links.Add("azv1", new FakeKernel.Link("vnetcni:vnetcni/c1/eth0", IPAddress.Parse("10.0.0.9"), 7, "eth0", false));
        _kernel.Links.Add("azv2", new FakeKernel.Link("vnetcni:vnetcni/c2/eth0", null, 8, "eth0", false));
        _kernel.HeldRoutes.Add("10.0.0.9");
        _kernel.Mode = DataplaneMode.Bridge;

        await RunAsync(options);

        Assert.Empty(_kernel.Links);
        Assert.Empty(_kernel.HeldRoutes);
        Assert.Equal(DataplaneMode.Transparent, _kernel.Mode);
        Assert.Equal(EgressRules.None, Assert.Single(_egress.Applied));
        Assert.Empty(Directory.EnumerateFileSystemEntries(options.RunFolder));
        Assert.False(File.Exists(options.Conflist));
        Assert.False(File.Exists(options.CniBinary));
        Assert.Contains(_told, line => line.Contains("link azv1 of vnetcni:vnetcni/c1/eth0 is removed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_run_finds_nothing_to_do()
    {
        var options = Options();
        await RunAsync(options);
        await RunAsync(options);
        Assert.Equal(2, _egress.Applied.Count);
    }

    [Theory]
    [InlineData("""{"cniVersion":"1.0.0","name":"other","plugins":[{"type":"bridge"}]}""")]
    [InlineData("""{"plugins":"vnetcni"}""")]
    [InlineData("""{"plugins":[{"type":1},"vnetcni"]}""")]
    [InlineData("not JSON")]
    public async Task A_configuration_that_is_somebody_elses_stays(string content)
    {
        var options = Options();
        File.WriteAllText(options.Conflist, content);
        await RunAsync(options);
        Assert.Equal(content, File.ReadAllText(options.Conflist));
    }

    [Fact]
    public async Task A_configuration_that_chains_others_behind_us_is_ours()
    {
        var options = Options();
        var text = Encoding.UTF8.GetString(Conflist.Content("vnetcni", options.Socket, []));
        File.WriteAllText(options.Conflist, text);
        await RunAsync(options);
        Assert.False(File.Exists(options.Conflist));
    }

    [Fact]
    public async Task While_an_agent_holds_the_nodes_lock_the_clean_up_waits()
    {
        var options = Options();
        var agent = NodeLock.Take(options.RunFolder);
        using var stop = new CancellationTokenSource();
        var waiting = NodeLock.TakeAsync(options.RunFolder, TimeProvider.System, _told.Add, stop.Token);
        Assert.False(waiting.IsCompleted);
        agent.Dispose();
        using var taken = await waiting.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(taken.IsClosed);
        Assert.Contains("another agent runs on this node", Assert.Single(_told), StringComparison.Ordinal);
    }

    private AgentOptions Options()
    {
        var run = Path.Combine(_folder, "run");
        Directory.CreateDirectory(run);
        return new AgentOptions
        {
            NodeName = "node1",
            RunFolder = run,
            Socket = Path.Combine(run, "agent.sock"),
            Conflist = Path.Combine(_folder, "05-vnetcni.conflist"),
            CniBinary = Path.Combine(_folder, "vnetcni"),
        };
    }

    private Task RunAsync(AgentOptions options) =>
        new NodeCleanUp(options, _told.Add).RunAsync(new FakeNetwork(_kernel, new FaultPoints()), _egress, TestContext.Current.CancellationToken);
}

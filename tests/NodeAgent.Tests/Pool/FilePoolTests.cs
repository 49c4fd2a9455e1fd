using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Pool.File;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Pool;

public class FilePoolTests
{
    [Fact]
    public void A_file_gives_addresses_and_settings()
    {
        var snapshot = Parse("""
            { // by hand
              "addresses": ["10.1.0.7", "10.1.0.5"],
              "pool": { "reuseCooldown": "10s" }, "dataplane": { "mtu": 1400, "addTimeout": "5s" } }
            """);
        Assert.Equal(["10.1.0.5", "10.1.0.7"], snapshot.Publication.Addresses.Select(listed => listed.Address.ToString()));
        Assert.Equal(TimeSpan.FromSeconds(10), snapshot.Settings.ReuseCooldown);
        Assert.Equal(1400, snapshot.Settings.Mtu);
        Assert.True(snapshot.Publication.OwnWriteCommitted);
    }

    [Theory]
    [InlineData("", "is not a pool")]
    [InlineData("null", "null")]
    [InlineData("[]", "is not a pool")]
    [InlineData("""{"addresses": ["10.1.0"]}""", "'10.1.0' is not an IPv4 address")]
    [InlineData("""{"addresses": ["fd00::1"]}""", "'fd00::1' is not an IPv4 address")]
    [InlineData("""{"addresses": ["10.1.0.5", "10.1.0.5"]}""", "twice")]
    [InlineData("""{"adresses": []}""", "adresses")]
    [InlineData("""{"addresses": ["10.1.0.5", "10.1.0.6"], "pool": {"maxAddresses": 1}}""", "more than maxAddresses 1")]
    [InlineData("""{"pool": {"reuseCooldown": "soon"}}""", "soon")]
    public void A_wrong_file_is_refused_with_the_reason(string json, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => Parse(json)).Message);

    [Fact]
    public void A_change_of_the_file_is_taken_in_and_a_broken_file_changes_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("vnetcni-file-").FullName;
        var time = new FakeTimeProvider();
        var path = Path.Combine(folder, "pool.json");
        try
        {
            SingleThread.Run(time, async () =>
            {
                using var store = new FileLedgerStore(Path.Combine(folder, "ledger"), "boot");
                var settings = new AgentSettings { NodeName = "n", BootId = "boot" };
                using var agent = Agent.ForFile(
                    settings, path, new FakeNetwork(new FakeKernel(), new FaultPoints()), store, time, NullLoggerFactory.Instance);
                using var stop = new CancellationTokenSource();
                var run = agent.RunAsync(stop.Token);
                await agent.Started;
                Assert.NotNull(agent.NotServing);

                await WriteAsync("""{"addresses": ["10.1.0.5"]}""");
                Assert.Null(agent.NotServing);
                await agent.Attachments.AddAsync(new AddCommand(new Owner("net", "c1", "eth0"), new FakeNamespace(1), "", 0), CancellationToken.None);
                await WriteAsync("""{"addresses": ["10.1.0.6", "10.1.0.7"]}""");
                Assert.Equal(["10.1.0.5", "10.1.0.6", "10.1.0.7"], agent.Records.Select(record => record.Address.ToString()));
                await WriteAsync("{");
                File.Delete(path);
                await Task.Delay(TimeSpan.FromSeconds(3), time);
                Assert.Equal(3, agent.Records.Count);
                await agent.Attachments.DeleteAsync(new Owner("net", "c1", "eth0"), CancellationToken.None);
                await Task.Delay(TimeSpan.FromMinutes(1), time);
                Assert.Equal(["10.1.0.6", "10.1.0.7"], agent.Records.Select(record => record.Address.ToString()));
                stop.Cancel();
                await run;
                Assert.False(agent.IsRunning);
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task WriteAsync(string json)
        {
            File.WriteAllText(path + ".new", json);
            File.Move(path + ".new", path, overwrite: true);
            await Task.Delay(TimeSpan.FromSeconds(2), time);
        }
    }

    private static NodeAgent.Pool.PoolSnapshot Parse(string json) => PoolFile.Parse(Encoding.UTF8.GetBytes(json), "/etc/pool.json");
}

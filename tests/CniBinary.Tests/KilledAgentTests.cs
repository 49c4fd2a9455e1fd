using System.Diagnostics;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests;

/// <summary>
/// The real CNI binary, the real kernel, and an agent process that is killed with SIGKILL before and after every call that it
/// makes on its checkpoint and on the kernel. Whatever it was doing, its successor leaves no address, link, route, neighbour or rule behind.
/// </summary>
public sealed class KilledAgentTests(PublishedBinary binary) : IDisposable
{
    private const int Addresses = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-killed-").FullName;
    private readonly List<IDisposable> _owned = [];
    private NodeNetns _nodes = null!;
    private NodeLeaks _leaks = null!;
    private TestNetns _pod1 = null!;
    private TestNetns _pod2 = null!;

    private string Socket => Path.Combine(_folder, "run", "agent.sock");

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_kill_at_any_step_of_an_ADD_leaks_nothing()
    {
        Prepare();
        var agent = Start().Serving();
        Ok(await AddAsync("c1", _pod1));
        var before = agent.Steps;
        Ok(await AddAsync("c2", _pod2));
        var steps = agent.Steps - before;
        // Record, plumb, record: before and after each.
        Assert.InRange(steps, 6, 12);
        Ok(await DeleteAsync("c2"));
        await AssertCleanAsync(agent, "c1");
        for (var at = 0; at < steps; at++)
        {
            agent.Arm(at);
            var add = await AddAsync("c2", _pod2);
            Assert.True(agent.Died(TimeSpan.FromSeconds(10)), $"at {at}: {add.Output}");
            agent.Dispose();

            agent = Start().Serving();
            // What the ledger holds is what the kernel has.
            var held = agent.Records.Split(' ').Count(record => record.EndsWith("=Assigned", StringComparison.Ordinal));
            Assert.Equal(held, Aliases().Length);
            // Only what was recorded as whole stays; the rest is undone without anybody asking.
            Assert.True(held == (at == steps - 1 ? 2 : 1), $"at {at}: {agent.Records}");
            Assert.NotEqual(0, add.ExitCode);
            Assert.True(_nodes.Node.Ping(AddressOf("c1")), $"at {at}");

            // The runtime follows a failed ADD with a DEL, and begins anew.
            Ok(await DeleteAsync("c2"));
            Ok(await DeleteAsync("c2"));
            await AssertCleanAsync(agent, "c1");
            Ok(await AddAsync("c2", _pod2));
            Assert.True(_nodes.Node.Ping(AddressOf("c2")), $"at {at}");
            Assert.Equal(CniErrorCode.InterfaceExists, (await AddAsync("c2", _pod2)).Code);
            Ok(await DeleteAsync("c2"));
            await AssertCleanAsync(agent, "c1");
        }

        Ok(await DeleteAsync("c1"));
        await AssertCleanAsync(agent);
    }

    [Fact]
    public async Task A_kill_at_any_step_of_a_DEL_and_of_its_sweep_leaks_nothing()
    {
        Prepare();
        var agent = Start().Serving();
        Ok(await AddAsync("c1", _pod1));
        Ok(await AddAsync("c2", _pod2));
        var before = agent.Steps;
        Ok(await DeleteAsync("c2"));
        await AssertCleanAsync(agent, "c1");
        var steps = agent.Steps - before;
        // Record, cut off, sweep, record: before and after each.
        Assert.InRange(steps, 8, 16);
        for (var at = 0; at < steps; at++)
        {
            Ok(await AddAsync("c2", _pod2));
            agent.Arm(at);
            // A DEL that the agent did not answer is recorded by the binary: it succeeds whatever happens.
            Ok(await DeleteAsync("c2"));
            Assert.True(agent.Died(TimeSpan.FromSeconds(10)), $"at {at}");
            agent.Dispose();

            agent = Start().Serving();
            await AssertCleanAsync(agent, "c1");
            Assert.True(_nodes.Node.Ping(AddressOf("c1")), $"at {at}");
            Ok(await DeleteAsync("c2"));
        }

        Ok(await DeleteAsync("c1"));
        await AssertCleanAsync(agent);
    }

    [Fact]
    public async Task A_kill_between_any_two_netlink_sends_of_an_ADD_leaks_nothing()
    {
        Prepare();
        var agent = Start().Serving();
        Ok(await AddAsync("c1", _pod1));
        var before = agent.Sends;
        Ok(await AddAsync("c2", _pod2));
        var sends = agent.Sends - before;
        // The pair, the host's side, the pod's side, and the carrier.
        Assert.Equal(4, sends);
        Ok(await DeleteAsync("c2"));
        await AssertCleanAsync(agent, "c1");
        for (var at = 0; at < sends; at++)
        {
            agent.ArmSend(at);
            var add = await AddAsync("c2", _pod2);
            Assert.True(agent.Died(TimeSpan.FromSeconds(10)), $"at {at}: {add.Output}");
            Assert.NotEqual(0, add.ExitCode);
            agent.Dispose();
            // The kill left behind what the sends before it had made.
            Assert.Equal(at == 0 ? 1 : 2, Links().Count());

            agent = Start().Serving();
            // Nobody asked, and all of it is gone: the retry needs no DEL before it.
            await AssertCleanAsync(agent, "c1");
            Ok(await AddAsync("c2", _pod2));
            Assert.True(_nodes.Node.Ping(AddressOf("c2")), $"at {at}");
            Assert.True(_nodes.Node.Ping(AddressOf("c1")), $"at {at}");
            await AssertCleanAsync(agent, "c1", "c2");
            Ok(await DeleteAsync("c2"));
            await AssertCleanAsync(agent, "c1");
        }

        Ok(await DeleteAsync("c1"));
        await AssertCleanAsync(agent);
    }

    [Fact]
    public async Task A_kill_between_any_two_netlink_sends_of_a_DEL_and_of_its_sweep_leaks_nothing()
    {
        Prepare();
        var agent = Start().Serving();
        Ok(await AddAsync("c1", _pod1));
        Ok(await AddAsync("c2", _pod2));
        var before = agent.Sends;
        Ok(await DeleteAsync("c2"));
        await AssertCleanAsync(agent, "c1");
        var sends = agent.Sends - before;
        // Look, cut off, sweep.
        Assert.InRange(sends, 3, 6);
        for (var at = 0; at < sends; at++)
        {
            Ok(await AddAsync("c2", _pod2));
            agent.ArmSend(at);
            Ok(await DeleteAsync("c2"));
            Assert.True(agent.Died(TimeSpan.FromSeconds(10)), $"at {at}");
            agent.Dispose();

            agent = Start().Serving();
            await AssertCleanAsync(agent, "c1");
            Assert.True(_nodes.Node.Ping(AddressOf("c1")), $"at {at}");
            Ok(await AddAsync("c2", _pod2));
            Assert.True(_nodes.Node.Ping(AddressOf("c2")), $"at {at}");
            Ok(await DeleteAsync("c2"));
            await AssertCleanAsync(agent, "c1");
        }

        Ok(await DeleteAsync("c1"));
        await AssertCleanAsync(agent);
    }

    [Fact]
    public async Task A_kill_at_any_step_of_the_start_leaks_nothing()
    {
        Prepare();
        using (Start().Serving())
            Ok(await AddAsync("c1", _pod1));
        var died = 0;
        for (var at = 0; ; at++)
        {
            using (var agent = Start().Serving())
            {
                // It dies with a DEL half done and an ADD half made.
                Ok(await AddAsync("c2", _pod2));
                agent.Arm(3);
                Ok(await DeleteAsync("c2"));
                Assert.True(agent.Died(TimeSpan.FromSeconds(10)));
            }

            using (var dying = Start(at))
            {
                if (dying.BecomesReady())
                    break;
                Assert.True(dying.Died(TimeSpan.FromSeconds(10)), $"at {at}");
                died++;
            }

            using var next = Start().Serving();
            await AssertCleanAsync(next, "c1");
            Assert.True(_nodes.Node.Ping(AddressOf("c1")), $"at {at}");
        }

        Assert.InRange(died, 6, 30);
        using var last = Start().Serving();
        Ok(await DeleteAsync("c1"));
        await AssertCleanAsync(last);
    }

    private void Prepare()
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        _nodes = new NodeNetns("node");
        _owned.Add(_nodes);
        _leaks = new NodeLeaks(_nodes.Node);
        _owned.Add(_pod1 = new TestNetns("pod1"));
        _owned.Add(_pod2 = new TestNetns("pod2"));
        File.WriteAllText(Path.Combine(_folder, "pool.json"), JsonSerializer.Serialize(new
        {
            addresses = Enumerable.Range(0, Addresses).Select(Address),
            pool = new { reuseCooldown = "0s" },
        }));
    }

    private FaultAgent Start(int dieAt = -1)
    {
        var agent = FaultAgent.Start(_nodes.Node, Socket, Path.Combine(_folder, "pool.json"), dieAt);
        _owned.Add(agent);
        return agent;
    }

    private static string Address(int n) => $"10.240.0.{64 + n}";

    private Task<PluginResult> AddAsync(string id, TestNetns pod) => CallAsync("ADD", id, pod.Path);

    private Task<PluginResult> DeleteAsync(string id) => CallAsync("DEL", id, "");

    private Task<PluginResult> CallAsync(string command, string id, string netns) => PluginRun.RunAsync(
        binary.Path,
        new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = command,
            ["CNI_CONTAINERID"] = id,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_NETNS"] = netns,
            ["CNI_PATH"] = "/opt/cni/bin",
            [AgentPaths.SocketVariable] = Socket,
        },
        PluginRun.Config());

    private static void Ok(PluginResult result) => Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Output} {result.Errors}");

    private string[] Aliases() =>
        [.. Links().Select(link => link.TryGetProperty("ifalias", out var alias) ? alias.GetString()! : "none").Order(StringComparer.Ordinal)];

    private IEnumerable<JsonElement> Links() =>
        _nodes.Node.IpJson("link show").Where(link => link.GetProperty("ifname").GetString() is not ("lo" or "eth0"));

    private string AddressOf(string id)
    {
        var link = Links().Single(link => link.GetProperty("ifalias").GetString() == $"vnetcni:vnet/{id}/eth0").GetProperty("ifname").GetString();
        return _nodes.Node.IpJson($"route show table all proto 118 dev {link}").Single().GetProperty("dst").GetString()!;
    }

    /// <summary>Ledger, links, routes, neighbours and rules are those of these pods and of the pool, and no other.</summary>
    private async Task AssertCleanAsync(FaultAgent agent, params string[] pods)
    {
        var watch = Stopwatch.StartNew();
        while (Faults(agent, pods) is { } faults)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), faults);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private string? Faults(FaultAgent agent, string[] pods)
    {
        var faults = _leaks.Find(new NodePods
        {
            Attached = [.. pods.Select(pod => $"vnetcni:vnet/{pod}/eth0")],
            UnreachableRoutes = Addresses,
            Ledger = agent.Records.Split(' '),
            Agent = agent.ProcessId,
            RunFolder = Path.GetDirectoryName(Socket),
        });
        return faults.Count == 0 ? null : string.Join("; ", faults);
    }
}

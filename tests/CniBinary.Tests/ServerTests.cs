using System.Diagnostics;
using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.CniServer;

namespace Vnetcni.CniBinary.Tests;

public sealed class ServerTests(PublishedBinary binary)
{
    [Fact]
    public async Task Of_250_waiting_ADDs_a_DEL_wakes_exactly_one_and_answers_within_20_ms()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync(addresses: 5);
        for (var i = 0; i < 5; i++)
            Assert.Equal(0, Add(agent, ns, $"held{i}").Receive()!.ExitCode);
        Dictionary<string, RawClient> waiting = [];
        for (var i = 0; i < 250; i++)
            waiting.Add($"waits{i}", Add(agent, ns, $"waits{i}"));
        await TestAgent.EventuallyAsync(() => agent.Core.Waiting == 250, "250 ADDs wait");

        List<double> milliseconds = [];
        for (var i = 0; i < 5; i++)
        {
            var watch = Stopwatch.StartNew();
            using var del = new RawClient(agent.Paths);
            Assert.Equal(0, del.Send(RawClient.Frame(CniCommand.Del, $"held{i}", PluginRun.Config())).Receive()!.ExitCode);
            milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            Assert.Equal(i + 1, agent.Core.Woken.Count);
            Assert.Equal(0, waiting[agent.Core.Woken[i].ContainerId].Receive()!.ExitCode);
            Assert.Equal(249 - i, agent.Core.Waiting);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"DEL with 250 ADDs waiting, ms: {string.Join(" ", milliseconds.Select(m => m.ToString("F2")))}");
        // The best of five: the machine may be busy with other tests.
        Assert.InRange(milliseconds.Min(), 0, 20);

        using var process = PluginRun.Start(binary.Path, agent.Call("DEL", agent.Core.Woken[0].ContainerId), System.Text.Encoding.UTF8.GetBytes(PluginRun.Config()));
        Assert.Equal(new PluginResult(0, "", ""), await PluginRun.FinishAsync(process));
        Assert.Equal(244, agent.Core.Waiting);
        // Heard before it hangs up: an answer that reaches nobody is undone, and its address would wake one more.
        Assert.Equal(0, waiting[agent.Core.Woken[5].ContainerId].Receive()!.ExitCode);

        foreach (var client in waiting.Values)
            client.Dispose();
        await TestAgent.EventuallyAsync(() => agent.Core.Waiting == 0, "all hang-ups are seen");
        Assert.Equal(244, agent.Core.Cancelled.Count);
        await TestAgent.EventuallyAsync(() => ns.OpenDescriptors() == 1, "the namespace's descriptors are closed");
    }

    [Fact]
    public async Task An_ADD_beyond_the_cap_is_told_to_try_again()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync(
            addresses: 0, options => new() { Paths = options.Paths, PodNamespaces = options.PodNamespaces, MostWaitingAdds = 2 });
        using var first = Add(agent, ns, "a");
        using var second = Add(agent, ns, "b");
        await TestAgent.EventuallyAsync(() => agent.Core.Waiting == 2, "two ADDs wait");
        using var third = Add(agent, ns, "c");
        Assert.Equal(CniErrorCode.TryAgainLater, third.ReceiveError().GetProperty("code").GetInt32());
        Assert.Equal(2, agent.Core.Adds.Count);
    }

    [Fact]
    public async Task A_client_killed_while_its_ADD_waits_is_noticed()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync(addresses: 0);
        using var process = PluginRun.Start(
            binary.Path, agent.Call("ADD", "killed", ns.Path), System.Text.Encoding.UTF8.GetBytes(PluginRun.Config()));
        await TestAgent.EventuallyAsync(() => agent.Core.Waiting == 1, "the ADD waits");
        Assert.True(ns.OpenDescriptors() > 1);
        process.Kill();
        await TestAgent.EventuallyAsync(() => agent.Core.Locked(() => agent.Core.Cancelled.Count) == 1, "the call is cancelled");
        await TestAgent.EventuallyAsync(() => ns.OpenDescriptors() == 1, "the namespace's descriptors are closed");
    }

    [Fact]
    public async Task An_ADD_whose_reply_is_lost_is_undone()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        agent.Core.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (Add(agent, ns, "lost"))
            await TestAgent.EventuallyAsync(() => agent.Core.Locked(() => agent.Core.Adds.Count) == 1, "the ADD runs");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        agent.Core.Hold.SetResult();
        await TestAgent.EventuallyAsync(() => agent.Core.Locked(() => agent.Core.Deletes.Count) == 1, "it is undone");
        Assert.Equal(new Owner("vnet", "lost", "eth0"), agent.Core.Deletes[0]);
        Assert.Equal(0, agent.Core.Held);
    }

    [Fact]
    public async Task A_stop_gives_waiting_ADDs_up_and_undoes_what_ends_later()
    {
        using var ns = new TestNamespace();
        var agent = await TestAgent.StartAsync(addresses: 0);
        using var waiting = Add(agent, ns, "waits");
        await TestAgent.EventuallyAsync(() => agent.Core.Waiting == 1, "the ADD waits");
        await agent.StopAsync();
        Assert.Equal(CniErrorCode.TryAgainLater, waiting.ReceiveError().GetProperty("code").GetInt32());
        Assert.Single(agent.Core.Cancelled);
        await agent.DisposeAsync();
    }

    [Fact]
    public async Task Surplus_and_missing_descriptors_are_closed_and_refused()
    {
        using var ns = new TestNamespace();
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var fd = (int)pipe.SafePipeHandle.DangerousGetHandle();
        var link = new FileInfo($"/proc/self/fd/{fd}").LinkTarget!;
        var before = ProcessDescriptors.Count(link);
        await using var agent = await TestAgent.StartAsync();
        int[][] wrong =
        [
            [], [ns.Descriptor], [ns.Descriptor, Socket(ns), fd], [fd, fd], [ns.Descriptor, fd],
            [.. Enumerable.Repeat(fd, 8)], [.. Enumerable.Repeat(fd, 200)],
        ];
        foreach (var descriptors in wrong)
        {
            using var client = new RawClient(agent.Paths);
            var error = client.Send(RawClient.Frame(CniCommand.Add, "c", PluginRun.Config()), descriptors).ReceiveError();
            Assert.Contains(error.GetProperty("code").GetInt32(), new[] { CniErrorCode.Decode, CniErrorCode.BadNamespace });
        }

        using (var del = new RawClient(agent.Paths))
            Assert.Equal(CniErrorCode.Decode, del.Send(RawClient.Frame(CniCommand.Del, "c", PluginRun.Config()), fd).ReceiveError().GetProperty("code").GetInt32());
        Assert.Empty(agent.Core.Adds);
        Assert.Empty(agent.Core.Deletes);
        Assert.Equal(before, ProcessDescriptors.Count(link));
        Assert.Equal(1, ns.OpenDescriptors());
    }

    [Fact]
    public async Task Descriptors_that_come_bit_by_bit_are_not_gathered()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        using var client = new RawClient(agent.Paths);
        int[] eight = [.. Enumerable.Repeat(ns.Descriptor, 8)];
        client.Send([100], eight).Send([0], eight);
        Assert.Equal(CniErrorCode.Decode, client.ReceiveError().GetProperty("code").GetInt32());
        await TestAgent.EventuallyAsync(() => ns.OpenDescriptors() == 1, "all are closed");
    }

    [Fact]
    public async Task A_socket_of_another_namespace_is_refused()
    {
        using var ns = new TestNamespace();
        using var other = new TestNamespace();
        using var hosts = new SafeFileHandle(Libc.Socket(LibcConstants.AddressFamilyNetlink, LibcConstants.SocketRaw | LibcConstants.CloseOnExec, 0), true);
        await using var agent = await TestAgent.StartAsync();
        foreach (var socket in new[] { Socket(other), (int)hosts.DangerousGetHandle() })
        {
            using var client = new RawClient(agent.Paths);
            var error = client.Send(RawClient.Frame(CniCommand.Add, "c", PluginRun.Config()), ns.Descriptor, socket).ReceiveError();
            Assert.Equal(CniErrorCode.BadNamespace, error.GetProperty("code").GetInt32());
        }

        Assert.Empty(agent.Core.Adds);
    }

    [Fact]
    public async Task Hostile_bytes_are_refused_and_the_server_goes_on()
    {
        await using var agent = await TestAgent.StartAsync();
        var frame = RawClient.Frame(CniCommand.Del, "c", PluginRun.Config());
        byte[][] hostile =
        [
            [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [.. BitConverter.GetBytes(WireLimits.Request + 1), .. "{"u8],
            RawClient.Prefixed("not json"), RawClient.Prefixed("[]"), RawClient.Prefixed("{}"), RawClient.Prefixed("""{"v":1}"""),
            RawClient.Prefixed("""{"v":1,"cmd":"DEL","id":"c","ifname":"eth0"}"""),
            RawClient.Prefixed("""{"v":1,"cmd":"NOPE","config":{}}"""), RawClient.Prefixed("""{"v":1,"cmd":"VERSION","config":{"cniVersion":"1.0.0","name":"n"}}"""),
            RawClient.Prefixed("""{"v":1,"cmd":"DEL","id":"../x","ifname":"eth0","config":{"cniVersion":"1.0.0","name":"n"}}"""),
            RawClient.Prefixed("""{"v":"1","cmd":"DEL","config":{}}"""), [.. frame, 0],
        ];
        foreach (var bytes in hostile)
        {
            using var client = new RawClient(agent.Paths);
            client.Send(bytes).ReceiveError();
        }

        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var mangled = frame.ToArray();
            for (var flips = 0; flips < 3; flips++)
                mangled[random.Next(4, mangled.Length)] = (byte)random.Next(256);
            using var client = new RawClient(agent.Paths);
            Assert.NotNull(client.Send(mangled).Receive());
        }

        using var deep = new RawClient(agent.Paths);
        deep.Send(RawClient.Prefixed("{\"v\":1,\"cmd\":\"DEL\",\"x\":" + new string('[', 5000))).ReceiveError();
        using var good = new RawClient(agent.Paths);
        Assert.Equal(0, good.Send(frame).Receive()!.ExitCode);
    }

    [Fact]
    public async Task A_request_of_a_later_protocol_is_refused_clearly_and_unknown_fields_are_ignored()
    {
        await using var agent = await TestAgent.StartAsync();
        using var later = new RawClient(agent.Paths);
        var error = later.Send(RawClient.Prefixed("""{"v":2,"cmd":"DEL","id":"c","ifname":"eth0","config":{"cniVersion":"1.0.0","name":"n"}}""")).ReceiveError();
        Assert.Equal(CniErrorCode.TryAgainLater, error.GetProperty("code").GetInt32());
        Assert.Contains("protocol 2", error.GetProperty("msg").GetString(), StringComparison.Ordinal);
        using var extended = new RawClient(agent.Paths);
        var body = """{"v":1,"new":{"a":[1]},"cmd":"DEL","id":"c","ifname":"eth0","config":{"cniVersion":"1.0.0","name":"n"}}""";
        Assert.Equal(0, extended.Send(RawClient.Prefixed(body)).Receive()!.ExitCode);
    }

    [Fact]
    public async Task A_silent_client_is_told_to_try_again_when_its_time_is_over_and_blocks_nobody()
    {
        await using var agent = await TestAgent.StartAsync(
            with: options => new() { Paths = options.Paths, PodNamespaces = options.PodNamespaces, ReceiveTimeout = TimeSpan.FromSeconds(1) });
        var watch = Stopwatch.StartNew();
        using var silent = new RawClient(agent.Paths);
        silent.Send([1, 2]);
        using var quick = new RawClient(agent.Paths);
        Assert.Equal(0, quick.Send(RawClient.Frame(CniCommand.Del, "c", PluginRun.Config())).Receive()!.ExitCode);
        Assert.Equal(CniErrorCode.TryAgainLater, silent.ReceiveError().GetProperty("code").GetInt32());
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.99, 4);
    }

    [Fact]
    public async Task Two_thousand_clients_that_say_nothing_or_half_a_word_cost_their_time_and_no_more()
    {
        await using var agent = await TestAgent.StartAsync(
            with: options => new()
            {
                Paths = options.Paths,
                PodNamespaces = options.PodNamespaces,
                ReceiveTimeout = TimeSpan.FromSeconds(1),
                MostConnections = 128,
            });
        var frame = RawClient.Frame(CniCommand.Del, "c", PluginRun.Config());
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        // 100 stay at a time, half-open, while the next ones come; every tenth has something to say.
        var silent = new Queue<RawClient>();
        for (var i = 0; i < 2000; i++)
        {
            if (i % 10 == 0)
            {
                using var good = new RawClient(agent.Paths);
                Assert.Equal(0, good.Send(frame).Receive()!.ExitCode);
                continue;
            }

            var client = new RawClient(agent.Paths);
            if (i % 3 > 0)
                client.Send(frame.AsSpan(0, i % frame.Length));
            silent.Enqueue(client);
            if (silent.Count > 100)
                silent.Dequeue().Dispose();
        }

        while (silent.TryDequeue(out var client))
            client.Dispose();
        Assert.Equal(200, agent.Core.Locked(() => agent.Core.Deletes.Count));
        // Wide, for the tests beside this one; two thousand buffers of the longest request would take 3 GB.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 64 << 20);
    }

    [Fact]
    public async Task A_request_in_pieces_and_a_large_one_arrive_whole()
    {
        await using var agent = await TestAgent.StartAsync();
        using var pieces = new RawClient(agent.Paths);
        foreach (var part in RawClient.Frame(CniCommand.Del, "c", PluginRun.Config()).Chunk(7))
            pieces.Send(part);
        Assert.Equal(0, pieces.Receive()!.ExitCode);
        var large = PluginRun.Config(more: $$""","x":"{{new string('y', 900_000)}}" """);
        Assert.Equal(0, (await PluginRun.RunAsync(binary.Path, agent.Call("DEL"), large)).ExitCode);
        Assert.Equal(2, agent.Core.Deletes.Count);
    }

    [Fact]
    public async Task The_socket_is_private_replaces_a_stale_one_and_yields_to_a_held_lock()
    {
        await using var agent = new TestAgent();
        Directory.CreateDirectory(agent.Paths.Folder);
        File.WriteAllText(agent.Paths.Socket, "stale");
        await agent.StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(agent.Paths.Socket));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(agent.Paths.Folder));

        // A lock belongs to an open file: two of them in one process are as good as two processes.
        var path = Path.Combine(agent.Paths.Folder, "lock");
        await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
        using var holder = new SafeFileHandle(Libc.Open(path, LibcConstants.ReadOnly | LibcConstants.CloseOnExec, 0), true);
        using var late = new SafeFileHandle(Libc.Open(path, LibcConstants.ReadOnly | LibcConstants.CloseOnExec, 0), true);
        Assert.Equal(0, Libc.Lock((int)holder.DangerousGetHandle(), LibcConstants.LockExclusive | LibcConstants.LockNonBlocking));
        AgentSocketServerOptions Locked(AgentSocketServerOptions options, SafeFileHandle file) =>
            new() { Paths = options.Paths, PodNamespaces = options.PodNamespaces, NodeLock = file };
        await using var second = new TestAgent(with: options => Locked(options, late));
        var refused = await Assert.ThrowsAsync<IOException>(second.StartAsync);
        Assert.Contains("another agent", refused.Message, StringComparison.Ordinal);
        await using var owner = new TestAgent(with: options => Locked(options, holder));
        await owner.StartAsync();
    }

    [Fact]
    public async Task Another_user_is_refused_even_where_the_files_let_him_in()
    {
        await using var agent = await TestAgent.StartAsync();
        const UnixFileMode open = (UnixFileMode)0x1FF; // 0777
        foreach (var path in new[] { Path.GetDirectoryName(agent.Paths.Folder)!, agent.Paths.Folder, agent.Paths.Socket })
            File.SetUnixFileMode(path, open);
        RawClient? client = null;
        var switched = false;
        var thread = new Thread(() =>
        {
            switched = OtherUser.Become();
            if (switched)
                client = new RawClient(agent.Paths);
        });
        thread.Start();
        thread.Join();
        if (!switched)
            Assert.Skip("the effective user can't be changed");
        using (client)
            Assert.Null(client!.Receive());
        Assert.Empty(agent.Core.Deletes);
    }

    [Fact]
    public async Task The_descriptors_become_the_data_planes_namespace_and_the_core_is_called_on_its_own_context()
    {
        using var ns = new TestNamespace();
        var core = new CountingContext();
        await using var agent = await TestAgent.StartAsync(with: options => new() { Paths = options.Paths, Core = core });
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Equal(ns.Inode, agent.Core.Adds[0].Namespace.Inode);
        Assert.Equal(ns.Path, agent.Core.Adds[0].Namespace.Path);
        Assert.Equal(1, ns.OpenDescriptors());
        await TestAgent.EventuallyAsync(() => core.Posted >= 2, "the round and the ADD are posted");
    }

    private sealed class CountingContext : SynchronizationContext
    {
        private int _posted;

        public int Posted => Volatile.Read(ref _posted);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posted);
            base.Post(d, state);
        }
    }

    private static int Socket(TestNamespace ns) => (int)ns.RouteSocket.DangerousGetHandle();

    private static RawClient Add(TestAgent agent, TestNamespace ns, string id) =>
        new RawClient(agent.Paths).Send(RawClient.Frame(CniCommand.Add, id, PluginRun.Config(), ns.Path), ns.Descriptor, Socket(ns));
}

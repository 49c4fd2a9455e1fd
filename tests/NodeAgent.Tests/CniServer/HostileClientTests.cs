using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Unix;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.Dataplane;
using Vnetcni.Fuzzing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.CniServer;

/// <summary>Thousands of clients that say nothing, half a word, or what is no word at all; an honest call beside them.</summary>
public sealed class HostileClientTests : IDisposable
{
    private const string Config = """{"cniVersion":"1.0.0","name":"net","type":"vnetcni"}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-hostile-").FullName;
    private readonly OneAddress _core = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_honest_ADD_behind_two_thousand_half_open_clients_is_answered_in_seconds()
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        using var netns = new TestNetns("pod");
        // All bounds but one are those of the product: 512 places, ten seconds.
        await using var server = await StartAsync(crowded: TimeSpan.FromMilliseconds(200));
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var frame = Frame(CniCommand.Del);
        var clients = new List<Socket>();
        for (var i = 0; i < 2000; i++)
        {
            clients.Add(Connect());
            // Nothing, the largest length and nothing more, or a part of a call.
            if (i % 4 == 1)
                clients[^1].Send(BitConverter.GetBytes(WireLimits.Request));
            else if (i % 4 > 1)
                clients[^1].Send(frame.AsSpan(0, i % frame.Length));
        }

        using var honest = Connect();
        SendAdd(honest, netns);
        Assert.Equal(0, Receive(honest)!.ExitCode);
        var answered = watch.Elapsed;
        Assert.Equal("c1", Assert.Single(_core.Adds).ContainerId);
        Assert.InRange(answered.TotalSeconds, 0, 8);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 64 << 20);
        // Those that made room were told why; none of them was taken for a call.
        var told = Receive(clients[0]);
        Assert.Equal(CniErrorCode.TryAgainLater, Code(told));
        Assert.Contains("within 0.2 s, 512 connections are open", Encoding.UTF8.GetString(told!.Output.Span), StringComparison.Ordinal);
        clients.ForEach(client => client.Dispose());
        var ns = new FileInfo(netns.Path).LinkTarget!;
        await EventuallyAsync(() => Open(ns) == 1);
        Assert.Empty(_core.Deleted);
        TestContext.Current.TestOutputHelper?.WriteLine($"answered after {answered.TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task Who_sends_byte_by_byte_has_no_more_time_than_others()
    {
        await using var server = await StartAsync(receive: TimeSpan.FromMilliseconds(400));
        var frame = Frame(CniCommand.Del, new string('x', 1_000_000));
        var sent = 0;
        var watch = Stopwatch.StartNew();
        using var client = Connect();
        client.Blocking = false;
        // Never still: there is always something to read.
        while (!client.Poll(0, SelectMode.SelectRead) && watch.Elapsed.TotalSeconds < 5 && sent < frame.Length)
        {
            sent += client.Send(frame.AsSpan(sent, 1), SocketFlags.None, out var error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock or SocketError.Shutdown or SocketError.ConnectionReset, $"{error}");
        }

        client.Blocking = true;
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.39, 4);
        Assert.Equal(CniErrorCode.TryAgainLater, Code(Receive(client)));
        Assert.Empty(_core.Deleted);
    }

    [Fact]
    public async Task Spoilt_frames_are_answered_or_hung_up_on_and_leave_no_descriptor()
    {
        await using var server = await StartAsync();
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var descriptor = (int)pipe.SafePipeHandle.DangerousGetHandle();
        var link = new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget!;
        var open = Open(link);
        var frame = Frame(CniCommand.Del);
        Gen.Select(Fuzz.Mutations, Gen.Int[0, 9]).Sample(
            (changes, descriptors) =>
            {
                using var client = Connect();
                var bytes = Mutation.Apply(frame, changes, Fuzz.JsonWords);
                if (bytes.Length > 0)
                    DescriptorMessage.Send((int)client.Handle, bytes, [.. Enumerable.Repeat(descriptor, descriptors)], 0);
                // Nothing more comes: a request that is not whole is given up.
                client.Shutdown(SocketShutdown.Send);
                if (Receive(client) is { ExitCode: not 0 } refused)
                    Assert.InRange(Code(refused), CniErrorCode.IncompatibleVersion, CniErrorCode.TryAgainLater);
            },
            Fuzz.Say,
            iter: Math.Max(Check.Iter, 500));
        using var honest = Connect();
        honest.Send(frame);
        Assert.Equal(0, Receive(honest)!.ExitCode);
        await EventuallyAsync(() => Open(link) == open);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0x7f, (byte)'{' })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    public async Task A_length_that_can_not_be_is_refused_at_once(byte[] bytes)
    {
        await using var server = await StartAsync();
        using var client = Connect();
        client.Send(bytes);
        var refused = Receive(client);
        Assert.Equal(CniErrorCode.Decode, Code(refused));
        Assert.Contains($"1 to {WireLimits.Request} are taken", Encoding.UTF8.GetString(refused!.Output.Span), StringComparison.Ordinal);
    }

    private async Task<AgentSocketServer> StartAsync(TimeSpan? crowded = null, TimeSpan? receive = null)
    {
        var bounds = new AgentSocketServerOptions { Paths = new AgentPaths(Path.Combine(_folder, "run", "agent.sock")) };
        var options = new AgentSocketServerOptions
        {
            Paths = bounds.Paths,
            CrowdedReceiveTimeout = crowded ?? bounds.CrowdedReceiveTimeout,
            ReceiveTimeout = receive ?? bounds.ReceiveTimeout,
            PodNamespaces = (netns, socket, path) => new TakenNamespace(netns, socket, path),
        };
        var server = new AgentSocketServer(options, _core, TimeProvider.System, NullLogger<AgentSocketServer>.Instance);
        await server.StartAsync();
        return server;
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "run", "agent.sock")));
        return socket;
    }

    private static byte[] Frame(CniCommand command, string args = "", string netns = "") =>
        new WireRequest(new CniEnvironment(command, "c1", "eth0", netns, "/opt/cni/bin", args), Encoding.UTF8.GetBytes(Config)).ToFrame();

    private static void SendAdd(Socket client, TestNetns netns)
    {
        using var space = new SafeFileHandle(Libc.Open(netns.Path, LibcConstants.ReadOnly | LibcConstants.CloseOnExec, 0), true);
        using var route = netns.Run(() => new SafeFileHandle(
            Libc.Socket(LibcConstants.AddressFamilyNetlink, LibcConstants.SocketRaw | LibcConstants.CloseOnExec, LibcConstants.NetlinkRoute), true));
        var frame = Frame(CniCommand.Add, netns: netns.Path);
        int[] both = [(int)space.DangerousGetHandle(), (int)route.DangerousGetHandle()];
        Assert.Equal(frame.Length, DescriptorMessage.Send((int)client.Handle, frame, both, 0));
    }

    /// <summary>Null when the server hung up without a reply.</summary>
    private static WireReply? Receive(Socket client)
    {
        List<byte> all = [];
        var buffer = new byte[4096];
        try
        {
            while (client.Receive(buffer) is var read and > 0)
                all.AddRange(buffer.AsSpan(0, read));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It closed with bytes of ours unread; its reply may have come before.
            Assert.NotEmpty(e.Message);
        }

        return all.Count <= WireLimits.LengthBytes ? null : WireReply.Parse(all.Skip(WireLimits.LengthBytes).ToArray());
    }

    private static int Code(WireReply? reply)
    {
        Assert.NotNull(reply);
        return JsonDocument.Parse(reply.Output).RootElement.GetProperty("code").GetInt32();
    }

    // How many descriptors of this process lead there.
    private static int Open(string link) =>
        Directory.GetFileSystemEntries("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == link);

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private sealed class TakenNamespace(SafeHandle netns, SafeHandle socket, string path) : IPodNamespace
    {
        public string Path => path;

        public ulong Inode => 1;

        public void Dispose()
        {
            netns.Dispose();
            socket.Dispose();
        }
    }

    private sealed class OneAddress : IAttachments
    {
        private static readonly PhysicalAddress s_mac = PhysicalAddress.Parse("0A580AE00001");

        public List<Owner> Adds { get; } = [];

        public List<Owner> Deleted { get; } = [];

        public Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone)
        {
            using var pod = command.Namespace;
            lock (Adds)
                Adds.Add(command.Owner);
            var gateway = IPAddress.Parse("169.254.1.1");
            return Task.FromResult(new AddOutcome(new AttachedInterface("azvabc", s_mac, s_mac, 1500, gateway), new PodAddress(IPAddress.Parse("10.1.0.4"), gateway)));
        }

        public Task DeleteAsync(Owner owner, CancellationToken cancellationToken)
        {
            lock (Deleted)
                Deleted.Add(owner);
            return Task.CompletedTask;
        }

        public Task UndoAsync(Owner owner, long attachment) => Task.CompletedTask;

        public Task CheckAsync(CheckCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StatusAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

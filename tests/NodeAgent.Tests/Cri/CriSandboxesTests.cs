using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Ipam.Ledger.Leaks;
using Vnetcni.NodeAgent.Cri;
using Vnetcni.NodeAgent.Cri.Messages;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Cri;

public sealed class CriSandboxesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_runtimes_sandboxes_are_read_by_id_and_state()
    {
        await using var server = await new CriServer().StartAsync();
        server.Lists(("c1", true), ("c2", false));
        using var cri = Client(server.Path);
        var witness = await cri.AskAsync(Token);
        Assert.Equal(SandboxWord.Lives, witness.WordOn("c1"));
        Assert.Equal(SandboxWord.Stopped, witness.WordOn("c2"));
        Assert.Equal(SandboxWord.Gone, witness.WordOn("c3"));
        Assert.Equal("POST /runtime.v1.RuntimeService/ListPodSandbox application/grpc", server.LastRequest);
        Assert.Equal($"{server.Path}: 2 sandboxes", cri.State);
    }

    [Fact]
    public async Task A_full_node_with_its_labels_is_read()
    {
        await using var server = await new CriServer().StartAsync();
        var items = new List<byte>();
        for (var n = 0; n < 1000; n++)
        {
            var sandbox = new PodSandbox { Id = $"c{n}" }.ToByteArray().ToList();
            // Field 5, labels: one entry of 2 KB that this client has no message for.
            sandbox.AddRange([0x2a, 0x80, 0x10, .. new byte[2048]]);
            items.Add(0x0a);
            items.AddRange(Varint(sandbox.Count));
            items.AddRange(sandbox);
        }

        server.AnswerWith([.. items]);
        using var cri = Client(server.Path);
        Assert.Equal(1000, (await cri.AskAsync(Token)).Count);
    }

    [Fact]
    public async Task Without_a_socket_none_is_asked_until_there_is_one()
    {
        await using var server = new CriServer();
        var there = false;
        using var cri = new CriSandboxes(new CriSocket("", path => there && path == CriSocket.Usual[0]), TimeProvider.System, NullLogger.Instance);
        Assert.Equal(SandboxWord.NoWitness, (await cri.AskAsync(Token)).WordOn("c1"));
        Assert.StartsWith("off: there is no socket at /run/containerd/containerd.sock, ", cri.State, StringComparison.Ordinal);
        there = true;
        // It is there by its name and does not answer (or is a real one, and does): from now on it counts.
        Assert.NotEqual(SandboxWord.NoWitness, (await cri.AskAsync(Token)).WordOn("c1"));
    }

    [Fact]
    public async Task A_socket_that_was_configured_and_is_not_there_is_silent_and_not_off()
    {
        using var cri = Client("/nonexistent/cri.sock");
        Assert.Same(SandboxWitness.Silent, await cri.AskAsync(Token));
        Assert.StartsWith("/nonexistent/cri.sock does not answer: ", cri.State, StringComparison.Ordinal);
        using var none = new CriSandboxes(new CriSocket("none", _ => true), TimeProvider.System, NullLogger.Instance);
        Assert.Same(SandboxWitness.None, await none.AskAsync(Token));
    }

    [Fact]
    public async Task A_runtime_that_was_restarted_is_found_again()
    {
        await using var server = await new CriServer().StartAsync();
        server.Lists(("c1", true));
        using var cri = Client("unix://" + server.Path);
        Assert.Equal(SandboxWord.Lives, (await cri.AskAsync(Token)).WordOn("c1"));
        await server.StopAsync();
        Assert.Equal(SandboxWord.Silent, (await cri.AskAsync(Token)).WordOn("c1"));
        await server.StartAsync();
        server.Lists(("c2", true));
        Assert.Equal(SandboxWord.Gone, (await cri.AskAsync(Token)).WordOn("c1"));
    }

    [Fact]
    public async Task A_runtime_that_does_not_answer_in_time_is_silent()
    {
        await using var server = await new CriServer().StartAsync();
        var called = new TaskCompletionSource();
        server.Answer = async context =>
        {
            called.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        var time = new FakeTimeProvider();
        using var cri = new CriSandboxes(new CriSocket(server.Path, _ => true), time, NullLogger.Instance);
        var asking = cri.AskAsync(Token);
        await Task.WhenAny(called.Task, asking);
        Assert.False(asking.IsCompleted);
        time.Advance(CriSandboxes.Timeout);
        Assert.Same(SandboxWitness.Silent, await asking);
        Assert.Contains("no answer within 5 s", cri.State, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_may_give_up()
    {
        await using var server = await new CriServer().StartAsync();
        server.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var cri = Client(server.Path);
        using var stop = new CancellationTokenSource();
        var asking = cri.AskAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    public static TheoryData<string> Nonsense =>
        ["no message", "two messages", "cut frame", "cut header", "length of 2 GB", "length of -1", "compressed", "no trailer", "status 12", "http 500", "html", "reset", "too large", "long id", "empty id", "id twice", "wrong wire type", "cut field", "bad utf8", "endless varint", "deep group"];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_is_silence_and_the_next_answer_counts(string what)
    {
        await using var server = await new CriServer().StartAsync();
        using var cri = Client(server.Path);
        server.Answer = context => MisbehaveAsync(context, what);
        Assert.Same(SandboxWitness.Silent, await cri.AskAsync(Token));
        Assert.Contains("does not answer: ", cri.State, StringComparison.Ordinal);
        server.Lists(("c1", true));
        Assert.Equal(SandboxWord.Lives, (await cri.AskAsync(Token)).WordOn("c1"));
    }

    [Fact]
    public async Task More_sandboxes_than_a_node_can_have_are_not_believed()
    {
        await using var server = await new CriServer().StartAsync();
        server.Lists([.. Enumerable.Range(0, CriSandboxes.MaxSandboxes + 1).Select(n => ($"c{n}", true))]);
        using var cri = Client(server.Path);
        Assert.Same(SandboxWitness.Silent, await cri.AskAsync(Token));
    }

    [Fact]
    public async Task A_server_of_another_protocol_is_silence()
    {
        await using var http1 = await new CriServer().StartAsync(HttpProtocols.Http1);
        using var cri = Client(http1.Path);
        Assert.Same(SandboxWitness.Silent, await cri.AskAsync(Token));

        var path = Path.Combine(Directory.CreateTempSubdirectory("vnetcni-cri-").FullName, "s");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var talking = Task.Run(async () =>
        {
            using var peer = await listener.AcceptAsync(Token);
            await peer.SendAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n" + new string('x', 4096)), Token);
        }, Token);
        using var other = Client(path);
        Assert.Same(SandboxWitness.Silent, await other.AskAsync(Token));
        await talking;
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public async Task Any_bytes_are_silence_or_a_list()
    {
        await using var server = await new CriServer().StartAsync();
        using var cri = Client(server.Path);
        await Gen.Byte.Array[0, 40].SampleAsync(async bytes =>
        {
            server.AnswerWith(bytes);
            var witness = await cri.AskAsync(CancellationToken.None);
            Assert.NotEqual(SandboxWord.NoWitness, witness.WordOn("c1"));
        }, iter: 200, threads: 1);
    }

    [Theory]
    [InlineData("/run/crio/crio.sock", "/run/crio/crio.sock")]
    [InlineData("/run/crio/crio.sock /var/run/cri-dockerd.sock", "/run/crio/crio.sock")]
    [InlineData("/run/crio/crio.sock /run/containerd/containerd.sock", "/run/containerd/containerd.sock")]
    [InlineData("", "")]
    public void The_first_usual_socket_that_is_there_is_taken_and_kept(string present, string found)
    {
        var there = present;
        var socket = new CriSocket("", path => there.Split(' ').Contains(path));
        Assert.Equal(found.Length > 0, socket.Find());
        there = "";
        socket.Find();
        Assert.Equal(found, socket.Path);
    }

    /// <summary>A real runtime: the one that VNETCNI_TEST_CRI_SOCKET names, or that listens at a usual socket.</summary>
    [Fact]
    public async Task A_real_runtime_answers()
    {
        var socket = Environment.GetEnvironmentVariable("VNETCNI_TEST_CRI_SOCKET") ?? CriSocket.Usual.FirstOrDefault(File.Exists);
        Assert.SkipWhen(socket is null, "no container runtime listens at a usual socket, and VNETCNI_TEST_CRI_SOCKET names none");
        using var cri = Client(socket!);
        Assert.True((await cri.AskAsync(Token)).Count is not null, cri.State);
    }

    private static CriSandboxes Client(string path) => new(new CriSocket(path, File.Exists), TimeProvider.System, NullLogger.Instance);

    private static async Task MisbehaveAsync(HttpContext context, string what)
    {
        byte[] one = CriServer.Frame(Sandbox("c1"));
        switch (what)
        {
            case "no message": await CriServer.SendAsync(context, []); break;
            case "two messages": await CriServer.SendAsync(context, [.. one, .. one]); break;
            case "cut frame": await CriServer.SendAsync(context, one[..^3]); break;
            case "cut header": await CriServer.SendAsync(context, one[..3]); break;
            case "length of 2 GB": await CriServer.SendAsync(context, CriServer.Frame(Sandbox("c1"), int.MaxValue)); break;
            case "length of -1": await CriServer.SendAsync(context, CriServer.Frame(Sandbox("c1"), -1)); break;
            case "compressed": await CriServer.SendAsync(context, CriServer.Frame(Sandbox("c1"), flag: 1)); break;
            case "no trailer": await CriServer.SendAsync(context, one, status: null); break;
            case "status 12": await CriServer.SendAsync(context, [], "12"); break;
            case "http 500": context.Response.StatusCode = (int)HttpStatusCode.InternalServerError; break;
            case "html":
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html>");
                break;
            case "reset": context.Abort(); break;
            case "too large": await CriServer.SendAsync(context, CriServer.Frame(new byte[CriClient.MaxAnswer + 1])); break;
            case "long id": await CriServer.SendAsync(context, CriServer.Frame(Sandbox(new string('a', 300)))); break;
            case "empty id": await CriServer.SendAsync(context, CriServer.Frame([.. Sandbox("c1"), 0x0a, 0x00])); break;
            case "id twice": await CriServer.SendAsync(context, CriServer.Frame([.. Sandbox("c1"), .. Sandbox("c1")])); break;
            case "wrong wire type": await CriServer.SendAsync(context, CriServer.Frame([0x0f, 0x01])); break;
            case "cut field": await CriServer.SendAsync(context, CriServer.Frame([0x0a, 0x7f, 0x0a])); break;
            case "bad utf8": await CriServer.SendAsync(context, CriServer.Frame([0x0a, 0x04, 0x0a, 0x02, 0xc3, 0x28])); break;
            case "endless varint": await CriServer.SendAsync(context, CriServer.Frame([.. Enumerable.Repeat((byte)0xff, 32)])); break;
            case "deep group": await CriServer.SendAsync(context, CriServer.Frame([.. Enumerable.Repeat((byte)0x53, 5000)])); break;
            default: throw new ArgumentException(what);
        }
    }

    private static byte[] Sandbox(string id) => new ListPodSandboxResponse { Items = { new PodSandbox { Id = id } } }.ToByteArray();

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value > 127; value >>= 7)
            yield return (byte)(value | 0x80);
        yield return (byte)value;
    }
}

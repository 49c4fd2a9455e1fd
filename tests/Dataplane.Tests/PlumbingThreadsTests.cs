using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Threads;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

public sealed class PlumbingThreadsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_awaiter_never_runs_on_a_plumbing_thread()
    {
        using var threads = new PlumbingThreads("plumb", 1);
        for (var i = 0; i < 100; i++)
        {
            var worker = await threads.RunAsync(_ => Thread.CurrentThread.Name, urgent: false, Token);
            Assert.Equal("plumb-0", worker);
            Assert.NotEqual("plumb-0", Thread.CurrentThread.Name);
        }
    }

    [Fact]
    public async Task Urgent_work_overtakes_and_cancelled_work_is_never_begun()
    {
        using var threads = new PlumbingThreads("plumb", 1);
        using var gate = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        var order = new List<string>();
        bool Note(string what)
        {
            order.Add(what);
            return true;
        }
        var blocking = threads.RunAsync(_ => { gate.Wait(); return true; }, urgent: false, Token);
        var ordinary = threads.RunAsync(_ => Note("ordinary"), urgent: false, Token);
        var given = threads.RunAsync(_ => Note("cancelled"), urgent: false, cancelled.Token);
        var urgent = threads.RunAsync(_ => Note("urgent"), urgent: true, Token);
        await cancelled.CancelAsync();
        gate.Set();
        await Task.WhenAll(blocking, ordinary, urgent);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(["urgent", "ordinary"], order);
    }

    [Fact]
    public async Task A_failure_reaches_its_caller_and_the_thread_goes_on()
    {
        using var threads = new PlumbingThreads("plumb", 1);
        await Assert.ThrowsAsync<FormatException>(() => threads.RunAsync<bool>(_ => throw new FormatException(), urgent: false, Token));
        Assert.True(await threads.RunAsync(_ => true, urgent: false, Token));
    }

    [Fact]
    public async Task A_socket_that_failed_is_replaced()
    {
        using var threads = new PlumbingThreads("plumb", 1);
        NetlinkSocket? first = null;
        await Assert.ThrowsAsync<DataplaneException>(() => threads.RunAsync(
            socket =>
            {
                first = socket;
                var writer = socket.Write(stackalloc byte[64]);
                writer.BeginQuery(9999, 0, 0u);
                writer.End();
                ConnectToNobody(socket);
                return socket.Send(writer);
            },
            urgent: false,
            Token));
        Assert.True(first!.Suspect);
        await threads.RunAsync(_ => true, urgent: false, Token);
        var second = await threads.RunAsync(socket => socket, urgent: false, Token);
        Assert.NotSame(first, second);
        Assert.True(first.Descriptor.IsClosed);
    }

    [Fact]
    public async Task Closing_cancels_what_waits_and_lets_finish_what_runs()
    {
        var threads = new PlumbingThreads("plumb", 1);
        using var begun = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var running = threads.RunAsync(_ => { begun.Set(); gate.Wait(); return true; }, urgent: false, Token);
        var waiting = threads.RunAsync(_ => true, urgent: false, Token);
        begun.Wait(Token);
        var closing = Task.Run(threads.Dispose, Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Set();
        Assert.True(await running);
        await closing;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => threads.RunAsync(_ => true, urgent: false, Token));
    }

    /// <summary>Connects the socket to a port that nobody has, so that sending gives ECONNREFUSED.</summary>
    private static unsafe void ConnectToNobody(NetlinkSocket socket)
    {
        var address = new Linux.Netlink.Wire.NetlinkAddress { Family = 16, PortId = 0x7ffffff0 };
        Assert.Equal(0, Native.Connect((int)socket.Descriptor.DangerousGetHandle(), &address, (uint)sizeof(Linux.Netlink.Wire.NetlinkAddress)));
    }
}

internal static unsafe partial class Native
{
    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "connect")]
    public static partial int Connect(int socket, void* address, uint length);
}

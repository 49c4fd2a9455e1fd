using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vnetcni.NodeAgent.Cri.Messages;

namespace Vnetcni.NodeAgent.Tests.Cri;

/// <summary>A container runtime's socket: HTTP/2 without TLS, gRPC's frames made by hand, so that they can be wrong.</summary>
internal sealed class CriServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-cri-").FullName;
    private WebApplication? _app;

    public string Path => System.IO.Path.Combine(_folder, "cri.sock");

    public int Calls { get; private set; }

    public string? LastRequest { get; private set; }

    /// <summary>What the next calls get.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => SendAsync(context, Frame(new ListPodSandboxResponse().ToByteArray()));

    public async Task<CriServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http2)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.ListenUnixSocket(Path, listen => listen.Protocols = protocols);
            kestrel.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(async context =>
        {
            Calls++;
            LastRequest = $"{context.Request.Method} {context.Request.Path} {context.Request.ContentType}";
            await Answer(context);
        });
        await _app.StartAsync();
        return this;
    }

    public async Task StopAsync()
    {
        if (_app is null)
            return;
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
        File.Delete(Path);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public void Lists(params (string Id, bool Ready)[] sandboxes)
    {
        var response = new ListPodSandboxResponse();
        foreach (var (id, ready) in sandboxes)
        {
            response.Items.Add(new PodSandbox
            {
                Id = id,
                State = ready ? PodSandboxState.SandboxReady : PodSandboxState.SandboxNotready,
                CreatedAt = 1_900_000_000_000_000_000,
                Metadata = new PodSandboxMetadata { Name = $"pod-{id}", Uid = "u", Namespace = "default" },
            });
        }

        AnswerWith(response.ToByteArray());
    }

    public void AnswerWith(byte[] message) => Answer = context => SendAsync(context, Frame(message));

    /// <summary>A message with gRPC's five bytes before it: not compressed, its length big-endian.</summary>
    public static byte[] Frame(byte[] message, int? length = null, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public static async Task SendAsync(HttpContext context, byte[] body, string? status = "0")
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(body);
        if (status is not null)
            context.Response.AppendTrailer("grpc-status", status);
    }
}

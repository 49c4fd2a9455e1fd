using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Vnetcni.NodeAgent.Cri.Messages;

namespace Vnetcni.NodeAgent.Cri;

/// <summary>One call on a container runtime: gRPC over its unix socket. Safe for concurrent use.</summary>
internal sealed class CriClient : IDisposable
{
    /// <summary>Largest answer in bytes: thousands of sandboxes with their labels fit.</summary>
    public const int MaxAnswer = 8 << 20;

    private static readonly Method<ListPodSandboxRequest, ListPodSandboxResponse> List = new(
        MethodType.Unary,
        "runtime.v1.RuntimeService",
        "ListPodSandbox",
        Marshallers.Create(static request => request.ToByteArray(), static bytes => ListPodSandboxRequest.Parser.ParseFrom(bytes)),
        // Labels and annotations are the larger part of the answer and of no use here.
        Marshallers.Create(
            static response => response.ToByteArray(),
            static bytes => ListPodSandboxResponse.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes)));

    private readonly GrpcChannel _channel;

    /// <summary>A client of one socket; it connects at the first call, and again after the runtime's restart.</summary>
    public CriClient(string socket) => _channel = GrpcChannel.ForAddress(
        "http://cri",
        new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, cancellationToken) => ConnectAsync(socket, cancellationToken),
                ConnectTimeout = TimeSpan.FromSeconds(2),
                // A look a minute: a connection is not worth keeping for longer.
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
                UseProxy = false,
                MaxResponseHeadersLength = 16,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxAnswer,
            MaxSendMessageSize = 1 << 10,
        });

    /// <summary>Every sandbox. Throws <see cref="RpcException"/>, also when the token fires.</summary>
    public async Task<ListPodSandboxResponse> ListAsync(CancellationToken cancellationToken)
    {
        using var call = _channel.CreateCallInvoker().AsyncUnaryCall(
            List, null, new CallOptions(cancellationToken: cancellationToken), new ListPodSandboxRequest());
        return await call.ResponseAsync;
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

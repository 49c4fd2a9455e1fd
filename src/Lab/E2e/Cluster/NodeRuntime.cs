using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Vnetcni.Lab.E2e.Cluster.Messages;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>A node's container runtime, asked from outside over its CRI socket.</summary>
internal sealed class NodeRuntime : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Method<ListPodSandboxRequest, ListPodSandboxResponse> List = Call<ListPodSandboxRequest, ListPodSandboxResponse>("ListPodSandbox", ListPodSandboxResponse.Parser);
    private static readonly Method<RemovePodSandboxRequest, RemovePodSandboxResponse> Remove = Call<RemovePodSandboxRequest, RemovePodSandboxResponse>("RemovePodSandbox", RemovePodSandboxResponse.Parser);

    private readonly GrpcChannel _channel;

    /// <param name="root">The node's root folder as this process sees it.</param>
    public NodeRuntime(string root) => _channel = GrpcChannel.ForAddress("http://cri", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { ConnectCallback = (_, cancellationToken) => ConnectAsync($"{root}/run/containerd/containerd.sock", cancellationToken), UseProxy = false },
        DisposeHttpClient = true,
    });

    /// <summary>Every sandbox. Throws <see cref="ShellException"/> where the runtime does not answer.</summary>
    public async Task<IReadOnlyList<PodSandbox>> SandboxesAsync(CancellationToken cancellationToken) =>
        [.. (await CallAsync(List, new ListPodSandboxRequest(), cancellationToken)).Items];

    /// <summary>Removes a sandbox and its containers; one that is gone already counts as removed. Throws <see cref="ShellException"/> where the runtime fails.</summary>
    public async Task RemoveAsync(string sandbox, CancellationToken cancellationToken) =>
        await CallAsync(Remove, new RemovePodSandboxRequest { PodSandboxId = sandbox }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private async Task<TResponse> CallAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var call = _channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: either.Token), request);
            return await call.ResponseAsync;
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ShellException($"{method.Name}: {e.StatusCode}: {e.Status.Detail}");
        }
    }

    private static Method<TRequest, TResponse> Call<TRequest, TResponse>(string name, MessageParser<TResponse> parser)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(
        MethodType.Unary, "runtime.v1.RuntimeService", name,
        Marshallers.Create<TRequest>(static request => request.ToByteArray(), static _ => throw new NotSupportedException("requests are sent, never read")),
        Marshallers.Create(static response => response.ToByteArray(), bytes => parser.ParseFrom(bytes)));

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

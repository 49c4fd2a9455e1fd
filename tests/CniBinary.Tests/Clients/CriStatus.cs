using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>What a container runtime tells a kubelet of a node's network: the condition NetworkReady of the Container Runtime Interface's Status.</summary>
/// <remarks>Source: https://github.com/kubernetes/cri-api/blob/master/pkg/apis/runtime/v1/api.proto</remarks>
internal sealed record CriStatus(bool Ready, string Message)
{
    // The request is empty; of the answer, three fields matter.
    private static readonly Method<byte[], byte[]> s_method = new(
        MethodType.Unary, "runtime.v1.RuntimeService", "Status", Marshallers.Create(static bytes => bytes, static bytes => bytes), Marshallers.Create(static bytes => bytes, static bytes => bytes));

    /// <summary>Asks once.</summary>
    public static async Task<CriStatus> OfNetworkAsync(string socket)
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = (_, cancellationToken) => ConnectAsync(socket, cancellationToken), UseProxy = false };
        using var channel = GrpcChannel.ForAddress("http://cri", new GrpcChannelOptions { HttpHandler = handler });
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(s_method, null, new CallOptions(cancellationToken: TestContext.Current.CancellationToken), []);
        var status = Fields(await call.ResponseAsync).First(field => field.Number == 1).Bytes;
        var conditions = Fields(status).Where(field => field.Number == 1).Select(field => Fields(field.Bytes).ToLookup(part => part.Number));
        var network = conditions.Single(condition => condition[1].Any(type => type.Text == "NetworkReady"));
        // Of a false nothing is sent.
        return new CriStatus(network[2].Any(), string.Concat(network[4].Select(message => message.Text)));
    }

    private static List<Field> Fields(byte[] message)
    {
        var (reader, fields) = (new CodedInputStream(message), new List<Field>());
        while (reader.ReadTag() is not 0 and var tag)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                fields.Add(new Field(WireFormat.GetTagFieldNumber(tag), reader.ReadBytes().ToByteArray()));
            else
                fields.Add(new Field(WireFormat.GetTagFieldNumber(tag), [checked((byte)reader.ReadUInt64())]));
        }

        return fields;
    }

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

    private readonly record struct Field(int Number, byte[] Bytes)
    {
        public string Text => System.Text.Encoding.UTF8.GetString(Bytes);
    }
}

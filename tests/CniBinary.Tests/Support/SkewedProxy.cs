using System.Net.Sockets;
using System.Text;
using Vnetcni.AgentProtocol;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>
/// Stands between a binary and an agent and says that the binary speaks another protocol: the binary of one release and the agent of
/// another. One request and one reply for each connection, without descriptors.
/// </summary>
public sealed class SkewedProxy : IAsyncDisposable
{
    private readonly System.Net.Sockets.Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;

    /// <param name="agent">The agent behind it.</param>
    /// <param name="version">What the requests say; one digit, as the binary's own.</param>
    public SkewedProxy(AgentPaths agent, int version)
    {
        ArgumentNullException.ThrowIfNull(agent);
        Socket = Path.Combine(agent.Folder, "skewed.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Socket));
        _listener.Listen(8);
        _serving = ServeAsync(agent.Socket, version);
    }

    /// <summary>Beside the agent's own, so that both mean the same spool.</summary>
    public string Socket { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync(string agent, int version)
    {
        var buffer = new byte[256 * 1024];
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptAsync();
                using var server = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await server.ConnectAsync(new UnixDomainSocketEndPoint(agent));
                var read = await client.ReceiveAsync(buffer);
                var request = Encoding.UTF8.GetString(buffer, 4, read - 4);
                Assert.StartsWith("{\"v\":1,", request, StringComparison.Ordinal);
                buffer[4 + "{\"v\":".Length] = (byte)('0' + version);
                await server.SendAsync(buffer.AsMemory(0, read));
                await client.SendAsync(buffer.AsMemory(0, await server.ReceiveAsync(buffer)));
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // Stopped.
                return;
            }
        }
    }
}

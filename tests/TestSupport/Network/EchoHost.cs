using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vnetcni.TestSupport.Network;

/// <summary>Answers every datagram with the address that it came from, and keeps count of whom it saw.</summary>
public sealed class EchoHost : IDisposable
{
    /// <summary>Asked here, it answers.</summary>
    public const int Port = 9;

    /// <summary>Here it only counts.</summary>
    public const int SilentPort = 10;

    private readonly List<Socket> _sockets = [];
    private readonly List<Thread> _threads = [];
    private readonly ConcurrentDictionary<(string From, string To), int> _sources = new();
    private volatile bool _ended;

    public EchoHost(TestNetns space, params string[] addresses)
    {
        foreach (var address in addresses)
        {
            Serve(space, address, Port, answer: true);
            Serve(space, address, SilentPort, answer: false);
        }
    }

    /// <summary>Whom the host takes the asker for.</summary>
    public string WhoIs(TestNetns asker, string at, string? from = null, int port = Port, int milliseconds = 5000)
    {
        using var socket = asker.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        if (from is not null)
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        socket.Connect(IPAddress.Parse(at), port);
        socket.ReceiveTimeout = milliseconds;
        socket.Send([1]);
        var buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }

    /// <summary>Datagrams to the silent port, by source and destination.</summary>
    public IReadOnlyDictionary<(string From, string To), int> Sources() => _sources;

    public void Dispose()
    {
        _ended = true;
        _sockets.ForEach(socket => socket.Dispose());
        _threads.ForEach(thread => thread.Join());
    }

    private void Serve(TestNetns space, string address, int port, bool answer)
    {
        var socket = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 });
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        _sockets.Add(socket);
        var thread = new Thread(() =>
        {
            var buffer = new byte[64];
            try
            {
                while (!_ended)
                {
                    EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                    socket.ReceiveFrom(buffer, ref from);
                    var source = ((IPEndPoint)from).Address.ToString();
                    if (answer)
                        socket.SendTo(Encoding.ASCII.GetBytes(source), from);
                    else
                        _sources.AddOrUpdate((source, address), 1, (_, count) => count + 1);
                }
            }
            catch (Exception exception) when (_ended && exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        })
        { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
    }
}

/// <summary>TCP ports that take connections.</summary>
public sealed class Listeners : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public Listeners(TestNetns space, params (string Address, int Port)[] places)
    {
        foreach (var (address, port) in places)
        {
            var socket = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Listen(16);
            _sockets.Add(socket);
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
}

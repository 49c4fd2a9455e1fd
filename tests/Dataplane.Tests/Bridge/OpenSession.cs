using System.Net;
using System.Net.Sockets;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Bridge;

/// <summary>A TCP session of the node's own with something beyond its NIC, open all the time and used now and then.</summary>
internal sealed class OpenSession : IDisposable
{
    private readonly Socket _node;
    private readonly Socket _far;
    private byte _next;

    public OpenSession(TestNetns node, TestNetns far, string address)
    {
        using var listener = far.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        listener.Listen();
        _node = node.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _node.Connect(listener.LocalEndPoint!);
        _far = listener.Accept();
        _node.ReceiveTimeout = _far.ReceiveTimeout = 20_000;
    }

    /// <summary>Bytes both ways; fails when the session is dead.</summary>
    public void Use()
    {
        var buffer = new byte[1];
        _node.Send([++_next]);
        Assert.Equal(1, _far.Receive(buffer));
        Assert.Equal(_next, buffer[0]);
        _far.Send([(byte)(_next + 100)]);
        Assert.Equal(1, _node.Receive(buffer));
        Assert.Equal((byte)(_next + 100), buffer[0]);
    }

    public void Dispose()
    {
        _node.Dispose();
        _far.Dispose();
    }
}

namespace Vnetcni.TestSupport.Network;

/// <summary>
/// A node in a namespace: <c>eth0</c> 10.240.0.4/24 with a default route to a "fabric" namespace, 10.240.0.1, which sends
/// everything for 10.240.0.64-10.240.7.255 to the node.
/// </summary>
public sealed class NodeNetns : IDisposable
{
    public const string NodeAddress = "10.240.0.4";
    public const string FabricAddress = "10.240.0.1";

    public NodeNetns(string name, int mtu = 1500)
    {
        Fabric = new TestNetns($"{name}-fabric");
        Node = new TestNetns(name);
        Node.Ip($"link add eth0 mtu {mtu} type veth peer name eth0 mtu {mtu} netns {Fabric.Path}");
        Node.Ip($"address add {NodeAddress}/24 dev eth0");
        Node.Ip("link set eth0 up");
        Fabric.Ip($"address add {FabricAddress}/24 dev eth0");
        Fabric.Ip("link set eth0 up");
        Node.Ip($"route add default via {FabricAddress}");
        foreach (var range in new[] { "10.240.0.64/26", "10.240.0.128/25", "10.240.1.0/24", "10.240.2.0/23", "10.240.4.0/22" })
            Fabric.Ip($"route add {range} via {NodeAddress}");
    }

    /// <summary>The node.</summary>
    public TestNetns Node { get; }

    /// <summary>What is beyond its NIC.</summary>
    public TestNetns Fabric { get; }

    public void Dispose()
    {
        Node.Dispose();
        Fabric.Dispose();
    }
}

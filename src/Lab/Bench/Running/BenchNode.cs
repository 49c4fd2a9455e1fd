using System.Globalization;
using Vnetcni.Lab.Network;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>A machine of the bench: a network namespace with a NIC, and perhaps an agent.</summary>
/// <param name="Space">Its namespace.</param>
/// <param name="Folder">Its state.</param>
internal sealed record BenchNode(NetworkNamespace Space, string Folder)
{
    /// <summary>Prefix of all namespaces of a run: its folder's name, so that two runs do not meet.</summary>
    public static string PrefixOf(string folder) => Path.GetFileName(folder) + "-";

    /// <summary>Makes a machine whose NIC leads nowhere: for ADD and DEL alone.</summary>
    public static async Task<BenchNode> CreateAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var node = await CreateBareAsync(folder, name, cancellationToken);
        await node.Space.IpBatchAsync(
            [
                "link add eth0 type veth peer name fab0", "link set fab0 up", "addr add 10.224.0.4/16 dev eth0", "link set eth0 up",
                "route add default via 10.224.0.1 dev eth0",
            ],
            cancellationToken);
        return node;
    }

    /// <summary>Makes two machines whose NICs are the ends of one wire; each routes the other's pods to it.</summary>
    public static async Task<(BenchNode A, BenchNode B)> CreatePairAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var a = await CreateBareAsync(folder, name + "a", cancellationToken);
        var b = await CreateBareAsync(folder, name + "b", cancellationToken);
        await a.Space.IpAsync($"link add eth0 type veth peer name eth0 netns {b.Space.Name}", cancellationToken);
        foreach (var (node, own, other, pods) in new[] { (a, 4, 5, 2), (b, 5, 4, 1) })
        {
            await node.Space.IpBatchAsync(
                [
                    string.Create(CultureInfo.InvariantCulture, $"addr add 10.224.0.{own}/24 dev eth0"), "link set eth0 up",
                    string.Create(CultureInfo.InvariantCulture, $"route add default via 10.224.0.{other} dev eth0"),
                    string.Create(CultureInfo.InvariantCulture, $"route add 10.224.{pods}.0/24 via 10.224.0.{other} dev eth0"),
                ],
                cancellationToken);
        }

        return (a, b);
    }

    private static async Task<BenchNode> CreateBareAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var own = Path.Combine(folder, name);
        Directory.CreateDirectory(own);
        var space = await NetworkNamespace.CreateAsync(PrefixOf(folder) + name, cancellationToken);
        await space.SysctlAsync([("net/ipv4/ip_forward", "1")], cancellationToken);
        return new BenchNode(space, own);
    }
}

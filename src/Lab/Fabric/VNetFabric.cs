using System.Globalization;
using System.Net;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Fabric;

/// <summary>
/// Stands for Azure's virtual network: a namespace that routes a packet only to the NIC that ARM says owns the destination,
/// and drops what comes from a NIC with a source address that ARM does not know on that NIC.
/// </summary>
/// <remarks>
/// Each node hangs on a port (a veth). The fabric answers ARP for every address itself with 12:34:56:78:9a:bc, as
/// Azure does, and sends frames to the NIC's MAC only. A management link leads to the machine itself, where the API server listens.
/// </remarks>
internal sealed class VNetFabric(NetworkNamespace space, string hostLink) : IAsyncDisposable
{
    /// <summary>Where the machine itself (API server, ARM) is reached from the nodes. TEST-NET-2, RFC 5737.</summary>
    public static readonly IPAddress HostAddress = IPAddress.Parse("198.51.100.1");

    private const string FabricMac = "12:34:56:78:9a:bc";
    private readonly Dictionary<string, string> _portByMac = new(StringComparer.OrdinalIgnoreCase);
    private SortedDictionary<string, string> _routes = new(StringComparer.Ordinal);

    /// <summary>Builds the namespace, the management link and the empty source filter.</summary>
    public static async Task<VNetFabric> CreateAsync(string name, string vnet, string gateway, CancellationToken cancellationToken)
    {
        var space = await NetworkNamespace.CreateAsync(name, cancellationToken);
        const string hostLink = "vnetcni-lab";
        await Shell.TryRunAsync("ip", ["link", "del", hostLink], cancellationToken);
        await Shell.RunAsync("ip", ["link", "add", hostLink, "type", "veth", "peer", "name", "mgmt0", "netns", name], cancellationToken);
        await Shell.RunAsync("ip", ["addr", "add", $"{HostAddress}/30", "dev", hostLink], cancellationToken);
        await Shell.RunAsync("ip", ["link", "set", hostLink, "up"], cancellationToken);
        await space.IpBatchAsync(
            [
                "addr add 198.51.100.2/30 dev mgmt0",
                "link set mgmt0 up",
                $"addr add {gateway}/32 dev lo",
                $"route add blackhole {vnet} metric 4096",
            ],
            cancellationToken);
        await space.SysctlAsync(
            [
                ("net/ipv4/ip_forward", "1"),
                ("net/ipv4/conf/all/rp_filter", "0"),
                ("net/ipv4/conf/default/rp_filter", "0"),
                ("net/ipv4/conf/all/send_redirects", "0"),
                ("net/ipv4/conf/default/send_redirects", "0"),
            ],
            cancellationToken);
        await space.RunAsync("nft", ["-f", "-"], cancellationToken, Rules);
        return new VNetFabric(space, hostLink);
    }

    /// <summary>Plugs a node's NIC in: the node's eth0 with this MAC, the other end in the fabric.</summary>
    public async Task PlugAsync(NetworkNamespace node, string mac, string address, int prefixLength, string gateway, CancellationToken cancellationToken)
    {
        var port = $"port{_portByMac.Count + 1}";
        await space.IpAsync($"link add {port} address {FabricMac} type veth peer name eth0 address {mac} netns {node.Name}", cancellationToken);
        await space.IpAsync($"link set {port} up", cancellationToken);
        await space.SysctlAsync(
            [($"net/ipv4/conf/{port}/proxy_arp", "1"), ($"net/ipv4/neigh/{port}/proxy_delay", "0")], cancellationToken);
        await node.IpBatchAsync(
            [$"addr add {address}/{prefixLength} dev eth0", "link set eth0 up", $"route add default via {gateway} dev eth0"],
            cancellationToken);
        _portByMac[mac] = port;
    }

    /// <summary>Makes the fabric agree with ARM: address → MAC of the NIC that owns it.</summary>
    public async Task UpdateAsync(IReadOnlyDictionary<string, string> macByAddress, CancellationToken cancellationToken)
    {
        var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (address, mac) in macByAddress)
        {
            if (_portByMac.ContainsKey(mac))
                wanted[address] = mac;
        }

        var gone = _routes.Where(old => !wanted.TryGetValue(old.Key, out var mac) || mac != old.Value).ToArray();
        var added = wanted.Where(fresh => !_routes.TryGetValue(fresh.Key, out var mac) || mac != fresh.Value).ToArray();
        if (gone.Length == 0 && added.Length == 0)
            return;

        // Closing comes before opening, so that an address that moves is never owned by two NICs.
        var filter = gone.Select(old => $"delete element ip vnet owned {{ \"{_portByMac[old.Value]}\" . {old.Key} }}")
            .Concat(added.Select(fresh => $"add element ip vnet owned {{ \"{_portByMac[fresh.Value]}\" . {fresh.Key} }}"));
        var links = gone.SelectMany(old => new[]
            {
                $"route del {old.Key}/32 dev {_portByMac[old.Value]}",
                $"neigh del {old.Key} dev {_portByMac[old.Value]}",
            })
            .Concat(added.SelectMany(fresh => new[]
            {
                $"route replace {fresh.Key}/32 dev {_portByMac[fresh.Value]}",
                $"neigh replace {fresh.Key} lladdr {fresh.Value} nud permanent dev {_portByMac[fresh.Value]}",
            }));
        await space.RunAsync("nft", ["-f", "-"], cancellationToken, string.Join('\n', filter) + "\n");
        await space.IpBatchAsync(links, cancellationToken);
        _routes = wanted;
    }

    /// <summary>How many packets were dropped because ARM does not know their source on that NIC.</summary>
    public async Task<long> DroppedAsync(CancellationToken cancellationToken)
    {
        var text = await space.RunAsync("nft", ["list", "counter", "ip", "vnet", "spoofed"], cancellationToken);
        var words = text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[Array.IndexOf(words, "packets") + 1], CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Shell.TryRunAsync("ip", ["link", "del", hostLink], CancellationToken.None);
        await space.DeleteAsync();
    }

    private const string Rules = """
        table ip vnet {
          set owned { type ifname . ipv4_addr; }
          counter spoofed { }
          chain sources {
            type filter hook prerouting priority -300;
            iifname "port*" iifname . ip saddr != @owned counter name spoofed drop
          }
          chain management {
            type nat hook postrouting priority 100;
            oifname "mgmt0" masquerade
          }
        }
        """;
}

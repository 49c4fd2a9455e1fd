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
internal sealed class VNetFabric(NetworkNamespace space, string? hostLink) : IAsyncDisposable
{
    /// <summary>Where the machine itself (API server, ARM) is reached from the nodes. TEST-NET-2, RFC 5737.</summary>
    public static readonly IPAddress HostAddress = IPAddress.Parse("198.51.100.1");

    private const string HostLink = "vnetcni-lab";
    private const string FabricMac = "12:34:56:78:9a:bc";
    private readonly Dictionary<string, string> _portByMac = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private SortedDictionary<string, string> _routes = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, string> _owners = new Dictionary<string, string>(StringComparer.Ordinal);
    private int _ports;

    /// <summary>Builds the namespace, the management link and the empty source filter.</summary>
    public static async Task<VNetFabric> CreateAsync(string name, string vnet, string gateway, CancellationToken cancellationToken)
    {
        var fabric = await CreateAloneAsync(name, vnet, gateway, HostLink, cancellationToken);
        await fabric.LinkHostAsync(cancellationToken);
        return fabric;
    }

    /// <summary>One without the management link: the machine is not reached, and several can stand side by side.</summary>
    public static Task<VNetFabric> CreateAloneAsync(string name, string vnet, string gateway, CancellationToken cancellationToken) =>
        CreateAloneAsync(name, vnet, gateway, null, cancellationToken);

    private async Task LinkHostAsync(CancellationToken cancellationToken)
    {
        await Shell.TryRunAsync("ip", ["link", "del", HostLink], cancellationToken);
        await Shell.RunAsync("ip", ["link", "add", HostLink, "type", "veth", "peer", "name", "mgmt0", "netns", space.Name], cancellationToken);
        await Shell.RunAsync("ip", ["addr", "add", $"{HostAddress}/30", "dev", HostLink], cancellationToken);
        await Shell.RunAsync("ip", ["link", "set", HostLink, "up"], cancellationToken);
        await space.IpBatchAsync(["addr add 198.51.100.2/30 dev mgmt0", "link set mgmt0 up"], cancellationToken);
    }

    private static async Task<VNetFabric> CreateAloneAsync(string name, string vnet, string gateway, string? hostLink, CancellationToken cancellationToken)
    {
        var space = await NetworkNamespace.CreateAsync(name, cancellationToken);
        await space.IpBatchAsync(
            [
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
        await PlugSecondAsync(node, "eth0", mac, address, prefixLength, cancellationToken);
        await node.IpAsync($"route add default via {gateway} dev eth0", cancellationToken);
    }

    /// <summary>The same for a further NIC of the node, which no default route leaves by.</summary>
    public async Task PlugSecondAsync(NetworkNamespace node, string name, string mac, string address, int prefixLength, CancellationToken cancellationToken)
    {
        var port = $"port{Interlocked.Increment(ref _ports)}";
        await space.IpAsync($"link add {port} address {FabricMac} type veth peer name {name} address {mac} netns {node.Name}", cancellationToken);
        await space.IpAsync($"link set {port} up", cancellationToken);
        await space.SysctlAsync(
            [($"net/ipv4/conf/{port}/proxy_arp", "1"), ($"net/ipv4/neigh/{port}/proxy_delay", "0")], cancellationToken);
        await node.IpBatchAsync(
            [$"addr add {address}/{prefixLength} dev {name}", $"link set {name} up"],
            cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _portByMac[mac] = port;
            await FollowAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets the NIC of a machine whose namespace is to go; <see cref="PlugAsync"/> may plug it in again.</summary>
    public async Task UnplugAsync(string mac, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_portByMac.TryGetValue(mac, out var port))
                return;
            var owned = _routes.Where(route => route.Value == mac).Select(route => route.Key).ToArray();
            await space.RunAsync("nft", ["-f", "-"], cancellationToken, string.Concat(owned.Select(address => $"delete element ip vnet owned {{ \"{port}\" . {address} }}\n")));
            // With the link its routes and neighbours go.
            await space.IpAsync($"link del {port}", cancellationToken);
            foreach (var address in owned)
                _routes.Remove(address);
            _portByMac.Remove(mac);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes the fabric agree with ARM: address → MAC of the NIC that owns it.</summary>
    public async Task UpdateAsync(IReadOnlyDictionary<string, string> macByAddress, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _owners = macByAddress;
            await FollowAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Waits until packets to an address go to that NIC: the fabric follows ARM with a delay. Throws <see cref="ShellException"/> after 30 s.</summary>
    public Task UntilOwnedAsync(string address, string mac, CancellationToken cancellationToken) => Wait.ForAsync(
        $"the fabric's route to {address}",
        TimeSpan.FromSeconds(30),
        async () =>
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                var owner = _routes.GetValueOrDefault(address);
                return mac.Equals(owner, StringComparison.OrdinalIgnoreCase) ? null : $"it leads to {owner ?? "no NIC"}, not to {mac}";
            }
            finally
            {
                _gate.Release();
            }
        },
        cancellationToken);

    /// <summary>The fabric's own namespace: what lies in it is the world beyond the virtual network.</summary>
    public NetworkNamespace Space => space;

    /// <summary>How many packets were dropped because ARM does not know their source on that NIC.</summary>
    public async Task<long> DroppedAsync(CancellationToken cancellationToken)
    {
        var text = await space.RunAsync("nft", ["list", "counter", "ip", "vnet", "spoofed"], cancellationToken);
        var words = text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[Array.IndexOf(words, "packets") + 1], CultureInfo.InvariantCulture);
    }

    /// <summary>The number of dropped packets in words, and what they were.</summary>
    public async Task<string> DropsAsync(CancellationToken cancellationToken)
    {
        var (dropped, strays) = (await DroppedAsync(cancellationToken), await StraysAsync(cancellationToken));
        var what = strays.Count == 0 ? string.Empty : $" ({string.Join(", ", strays)})";
        return string.Create(CultureInfo.InvariantCulture, $"{dropped} packets dropped for a foreign source{what}");
    }

    /// <summary>What those packets were, each once and at most 64: port, source, destination and protocol.</summary>
    public async Task<IReadOnlyList<string>> StraysAsync(CancellationToken cancellationToken)
    {
        const string Begin = "elements = {";
        var text = await space.RunAsync("nft", ["list", "set", "ip", "vnet", "strays"], cancellationToken);
        var at = text.IndexOf(Begin, StringComparison.Ordinal);
        if (at < 0)
            return [];
        at += Begin.Length;
        return
        [
            .. text[at..text.IndexOf('}', at)].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(stray => stray.Replace(" .", string.Empty, StringComparison.Ordinal).Replace("\"", string.Empty, StringComparison.Ordinal)),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (hostLink is not null)
            await Shell.TryRunAsync("ip", ["link", "del", hostLink], CancellationToken.None);
        await space.DeleteAsync();
        _gate.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (address, mac) in _owners)
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

    private const string Rules = """
        table ip vnet {
          set owned { type ifname . ipv4_addr; }
          set strays { type ifname . ipv4_addr . ipv4_addr . inet_proto; size 64; flags dynamic; }
          counter spoofed { }
          chain sources {
            type filter hook prerouting priority -300;
            iifname "port*" iifname . ip saddr != @owned goto stray
          }
          chain stray {
            counter name spoofed
            add @strays { iifname . ip saddr . ip daddr . ip protocol }
            drop
          }
          chain management {
            type nat hook postrouting priority 100;
            oifname "mgmt0" masquerade
          }
        }
        """;
}

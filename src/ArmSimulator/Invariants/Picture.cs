using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Invariants;

/// <summary>Who holds what, as read from committed bodies.</summary>
internal sealed class Picture
{
    private readonly SortedDictionary<string, (string? Vm, List<Configuration> Configurations)> _nics = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Vnet, uint Address), string> _owners = [];
    private readonly Dictionary<string, int> _perSubnet = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perVnet = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perVm = new(StringComparer.Ordinal);

    internal sealed record Configuration(string Name, uint Address, bool Primary, string SubnetKey, string? Etag, SortedSet<string> Groups);

    public static List<Configuration> Read(JsonObject nic)
    {
        var result = new List<Configuration>();
        foreach (var node in nic["properties"].Array("ipConfigurations") ?? [])
        {
            var properties = node.Object("properties");
            var groups = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var group in properties.Array("applicationSecurityGroups") ?? [])
                groups.Add(group.String("id") ?? "");
            if (!Ipv4.TryParse(properties.String("privateIPAddress"), out var address))
                throw new InvalidOperationException($"A committed ipConfiguration has no address: {node?.ToJsonString()}");
            result.Add(new Configuration(
                node.String("name") ?? "",
                address,
                properties.Bool("primary") ?? false,
                ResourceId.KeyOf(properties.Object("subnet").String("id") ?? ""),
                node.String("etag"),
                groups));
        }

        return result;
    }

    /// <summary>Puts a NIC's new configurations in place of its old ones; returns addresses that another configuration holds.</summary>
    public List<(uint Address, string Owner)> Replace(string nic, string vnet, string? vm, List<Configuration> configurations)
    {
        Remove(nic, vnet);
        var twice = new List<(uint Address, string Owner)>();
        foreach (var c in configurations)
        {
            if (!_owners.TryAdd((vnet, c.Address), $"{nic}/{c.Name}"))
                twice.Add((c.Address, _owners[(vnet, c.Address)]));
        }

        _nics[nic] = (vm, configurations);
        Count(vnet, vm, configurations, 1);
        return twice;
    }

    public void Remove(string nic, string vnet)
    {
        if (!_nics.Remove(nic, out var old))
            return;
        foreach (var c in old.Configurations)
        {
            if (_owners.TryGetValue((vnet, c.Address), out var owner) && owner == $"{nic}/{c.Name}")
                _owners.Remove((vnet, c.Address));
        }

        Count(vnet, old.Vm, old.Configurations, -1);
    }

    public int CountOfSubnet(string key) => _perSubnet.GetValueOrDefault(key);

    public int CountOfVnet(string key) => _perVnet.GetValueOrDefault(key);

    public int CountOfVm(string key) => _perVm.GetValueOrDefault(key);

    private void Count(string vnet, string? vm, List<Configuration> configurations, int sign)
    {
        _perVnet[vnet] = CountOfVnet(vnet) + (sign * configurations.Count);
        if (vm is not null)
            _perVm[vm] = CountOfVm(vm) + (sign * configurations.Count);
        foreach (var c in configurations)
            _perSubnet[c.SubnetKey] = CountOfSubnet(c.SubnetKey) + sign;
    }
}

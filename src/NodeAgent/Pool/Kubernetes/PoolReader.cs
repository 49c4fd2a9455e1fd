using System.Globalization;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.NodeAgent.Pool.Kubernetes;

/// <summary>Reads a NodeIpPool as the agent of this machine has to: what is not about this machine does not count.</summary>
internal sealed class PoolReader(AgentSettings settings)
{
    // Azure's limit of ipConfigurations on one interface; an object with more is not believed.
    private const int MaxAddresses = 256;

    private readonly HashSet<string> _macs = new(settings.MacAddresses.Select(Normalise), StringComparer.Ordinal);

    /// <summary>What a node without a pool has.</summary>
    public PoolSnapshot Absent() => new(
        new Publication { Addresses = [] },
        EffectiveSettings.Default,
        $"there is no NodeIpPool {settings.NodeName}: the operator makes it from the NodeIpPoolClass that selects the node (kubectl get nodeippoolclasses)",
        Present: false);

    /// <summary>One version of the pool.</summary>
    /// <param name="pool">The object.</param>
    /// <param name="ownWriteCommitted">Its usage is this process's latest write.</param>
    public PoolSnapshot Read(NodeIpPool pool, bool ownWriteCommitted)
    {
        var (effective, specFault) = SettingsOf(pool);
        var identity = IdentityFault(pool.Status);
        List<ListedAddress> addresses = [];
        List<PodSubnet> subnets = [];
        List<NicAddresses> nics = [];
        var others = 0;
        if (identity is null)
        {
            foreach (var nic in pool.Status?.NetworkInterfaces ?? [])
            {
                if (nic.MacAddress is not { } mac || !_macs.Contains(Normalise(mac)))
                    continue;
                var listed = Listed(nic).ToArray();
                addresses.AddRange(listed);
                others += (nic.Addresses ?? []).Count(entry => IpAddress.TryParse(entry.Address, out var address) && !ServedFamily.Has(address));
                if (PodSubnet.TryParse(nic.Subnet?.Cidr, nic.Subnet?.Gateway) is not { } subnet)
                    continue;
                subnets.Add(subnet);
                nics.Add(new NicAddresses(Normalise(mac), subnet.Gateway, [.. listed.Select(entry => entry.Address)]));
            }
        }

        var publication = new Publication
        {
            Addresses = addresses.Count <= MaxAddresses ? addresses : addresses[..MaxAddresses],
            Releasable = Releasable(pool),
            OwnWriteCommitted = ownWriteCommitted,
            AtLimit = IsAtLimit(pool, addresses.Count(listed => !listed.Releasing), effective.MaxAddresses),
        };
        return new PoolSnapshot(publication, effective, State(pool, identity ?? specFault, others), Present: identity is null)
        {
            Subnets = subnets,
            Nics = nics,
            ExcludedCidrs = pool.Status?.Snat?.ExcludedCidrs ?? [],
            // A share of another incarnation says nothing about this one.
            Share = identity is null ? pool.Status?.Share : null,
        };
    }

    /// <summary>The addresses of usage.releasable, whoever wrote it.</summary>
    public static HashSet<IpAddress> Releasable(NodeIpPool pool)
    {
        HashSet<IpAddress> releasable = [];
        foreach (var text in pool.Status?.Usage?.Releasable ?? [])
        {
            if (IpAddress.TryParse(text, out var address))
                releasable.Add(address);
        }

        return releasable;
    }

    private static IEnumerable<ListedAddress> Listed(NetworkInterfaceStatus nic)
    {
        foreach (var entry in nic.Addresses ?? [])
        {
            // A state of a later version is none that may be assigned.
            if (IpAddress.TryParse(entry.Address, out var address) && ServedFamily.Has(address) && entry.Address != nic.PrimaryAddress)
                yield return new ListedAddress(address, entry.State != AddressStates.Available);
        }
    }

    private string? IdentityFault(NodeIpPoolStatus? status)
    {
        if (settings.VmId.Length > 0 && status?.Node?.VmId is { Length: > 0 } vmId && !vmId.Equals(settings.VmId, StringComparison.OrdinalIgnoreCase))
            return $"its status is of VM {vmId}, this is {settings.VmId}: the operator has not seen the new machine yet";
        var nics = status?.NetworkInterfaces ?? [];
        if (nics.Count > 0 && !nics.Any(nic => nic.MacAddress is { } mac && _macs.Contains(Normalise(mac))))
            return $"its status is of a NIC with MAC {nics[0].MacAddress}, which this machine does not have";
        return null;
    }

    private static (EffectiveSettings Settings, string? Fault) SettingsOf(NodeIpPool pool)
    {
        try
        {
            return (pool.Spec is null ? EffectiveSettings.Default : EffectiveSettings.Of(pool.Spec), null);
        }
        catch (FormatException e)
        {
            return (EffectiveSettings.Default, $"its spec can't be read ({e.Message}), defaults are in effect");
        }
    }

    private static bool IsAtLimit(NodeIpPool pool, int available, int limit)
    {
        var reason = pool.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready)?.Reason;
        return available >= limit
            || reason is Reasons.AtLimit or Reasons.NodeLimitReached or Reasons.SubnetExhausted or Reasons.VNetLimitReached;
    }

    private string State(NodeIpPool pool, string? fault, int others)
    {
        var ready = pool.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready);
        var condition = ready is null
            ? "the operator has not reported on it yet"
            : string.Create(CultureInfo.InvariantCulture, $"Ready={ready.Status} {ready.Reason}: {ready.Message}");
        var text = fault is null ? condition : $"{fault}; {condition}";
        if (others > 0)
            text = string.Create(CultureInfo.InvariantCulture, $"{text}; {others} of its addresses are IPv6, which this agent does not serve");
        return $"NodeIpPool {settings.NodeName}: {text} (kubectl describe nodeippool {settings.NodeName})";
    }

    private static string Normalise(string mac) => mac.Replace('-', ':').ToLowerInvariant();
}

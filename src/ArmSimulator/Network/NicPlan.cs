using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>A PUT that passed every rule: what it would commit. Nothing is changed yet.</summary>
internal sealed class NicPlan
{
    public required Subnet Subnet { get; init; }

    /// <summary>Configurations with their JSON, the primary first, then by name.</summary>
    public required IReadOnlyList<(IpConfiguration Configuration, JsonObject Json)> Configurations { get; init; }

    /// <summary>Addresses added or removed.</summary>
    public required int Changed { get; init; }

    /// <summary>
    /// Checks <paramref name="body"/> against all of Azure's rules and chooses addresses; throws <see cref="ArmError"/>. Configurations that have
    /// <paramref name="waited"/> for an address may have one that the same body gives back, whatever the settings say of newcomers.
    /// </summary>
    public static NicPlan Make(
        World world, SimSettings settings, SimRandom random, ResourceId id, Nic? existing, string? vm, JsonObject body, IReadOnlySet<string> waited)
    {
        var requested = Requested.ReadAll(world, settings, id, body);
        var subnet = requested[0].Subnet;
        if (subnet.ProvisioningState != "Succeeded")
            throw ArmErrors.NotProvisioned(subnet.Id.ToString(), id.ToString(), subnet.ProvisioningState, "PutSubnetOperation");

        var held = Held(existing, subnet);
        CheckCapacity(world, settings, existing, vm, requested, subnet, held, waited);
        var addresses = Assign(settings, random, id, requested, subnet, held, existing, waited);

        var configurations = new List<(IpConfiguration Configuration, JsonObject Json)>(requested.Count);
        var kept = 0;
        for (var i = 0; i < requested.Count; i++)
        {
            configurations.Add((new IpConfiguration(requested[i].Name, addresses[i], requested[i].Primary), requested[i].Json));
            if (held.TryGetValue(requested[i].Name, out var before) && before == addresses[i])
                kept++;
        }

        configurations.Sort(static (a, b) =>
        {
            var byPrimary = b.Configuration.Primary.CompareTo(a.Configuration.Primary);
            return byPrimary != 0 ? byPrimary : string.CompareOrdinal(a.Configuration.Name, b.Configuration.Name);
        });
        var old = existing?.Configurations.Count ?? 0;
        return new NicPlan { Subnet = subnet, Configurations = configurations, Changed = requested.Count - kept + (old - kept) };
    }

    /// <summary>Name → address for the configurations that may keep theirs.</summary>
    private static Dictionary<string, uint> Held(Nic? existing, Subnet subnet)
    {
        var held = new Dictionary<string, uint>(StringComparer.OrdinalIgnoreCase);
        if (existing is null || existing.Subnet.Key != subnet.Key)
            return held;
        foreach (var c in existing.Configurations)
            held.Add(c.Name, c.Address);
        return held;
    }

    private static void CheckCapacity(
        World world, SimSettings settings, Nic? existing, string? vm, List<Requested> requested, Subnet subnet, Dictionary<string, uint> held,
        IReadOnlySet<string> waited)
    {
        var old = existing?.Configurations.Count ?? 0;
        if (vm is not null)
        {
            var ofVm = requested.Count;
            foreach (var nic in world.Nics.Values)
                ofVm += nic.Vm == vm && nic != existing ? nic.Configurations.Count : 0;
            if (ofVm > settings.MaxAddressesPerVm)
                throw ArmErrors.VmLimit(vm, ofVm, settings.MaxAddressesPerVm);
        }

        var ofVnet = world.VnetOf(subnet).AddressCount - old + requested.Count;
        if (ofVnet > settings.MaxAddressesPerVnet && requested.Count > old)
            throw ArmErrors.VnetLimit(subnet.Id.Parent.ToString(), ofVnet, settings.MaxAddressesPerVnet);

        var (kept, added) = (0, 0);
        foreach (var r in requested)
        {
            kept += held.ContainsKey(r.Name) ? 1 : 0;
            added += held.ContainsKey(r.Name) || waited.Contains(r.Name) ? 0 : 1;
        }

        // What this PUT gives back counts as free for those that may have it.
        if ((settings.FreedAddresses == FreedAddresses.NextWrite && added > subnet.Free) || requested.Count - kept > subnet.Free + (held.Count - kept))
            throw ArmErrors.SubnetIsFull(subnet.Id.ChildName!, subnet.Prefix.ToString(), requested.Count - kept);
    }

    private static uint[] Assign(
        SimSettings settings, SimRandom random, ResourceId id, List<Requested> requested, Subnet subnet, Dictionary<string, uint> held, Nic? existing,
        IReadOnlySet<string> waited)
    {
        var addresses = new uint[requested.Count];
        var taken = new Dictionary<uint, string>();
        var own = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var c in existing?.Configurations ?? [])
            own.Add(existing!.ConfigurationId(c.Name));

        // Named and kept addresses first: a Dynamic newcomer must not take them away.
        for (var i = 0; i < requested.Count; i++)
        {
            var r = requested[i];
            if (r.StaticAddress is { } wanted)
                addresses[i] = wanted;
            else if (held.TryGetValue(r.Name, out var kept))
                addresses[i] = kept;
            else
                continue;
            var config = $"{id}/ipConfigurations/{r.Name}";
            if (r.StaticAddress is not null)
                CheckStatic(subnet, addresses[i], config, own);
            if (!taken.TryAdd(addresses[i], config))
                throw ArmErrors.AddressIsAllocated(config, Ipv4.Format(addresses[i]), taken[addresses[i]]);
        }

        HashSet<uint> barred = [.. taken.Keys];
        var freed = Freed(requested, held);
        IReadOnlySet<uint> atOnce = settings.FreedAddresses == FreedAddresses.AtOnce ? freed : FrozenSet<uint>.Empty;
        for (var i = 0; i < requested.Count; i++)
        {
            if (requested[i].StaticAddress is not null || held.ContainsKey(requested[i].Name))
                continue;
            addresses[i] = subnet.Choose(settings.Assignment, random, barred, atOnce)
                ?? (settings.FreedAddresses != FreedAddresses.NextWrite || waited.Contains(requested[i].Name) ? Lowest(freed, barred) : null)
                ?? throw ArmErrors.SubnetIsFull(subnet.Id.ChildName!, subnet.Prefix.ToString(), requested.Count(r => !held.ContainsKey(r.Name)));
            barred.Add(addresses[i]);
        }

        return addresses;
    }

    // What the PUT gives back.
    private static SortedSet<uint> Freed(List<Requested> requested, Dictionary<string, uint> held)
    {
        var names = requested.Select(r => r.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. held.Where(h => !names.Contains(h.Key)).Select(static h => h.Value)];
    }

    private static uint? Lowest(SortedSet<uint> freed, HashSet<uint> barred)
    {
        foreach (var address in freed)
        {
            if (!barred.Contains(address))
                return address;
        }

        return null;
    }

    private static void CheckStatic(Subnet subnet, uint address, string config, HashSet<string> own)
    {
        var text = Ipv4.Format(address);
        if (!subnet.Prefix.Contains(address))
            throw ArmErrors.AddressNotInSubnet(text, subnet.Prefix.ToString());
        if (subnet.IsReserved(address))
            throw ArmErrors.AddressReserved(text, subnet.Prefix.ToString());
        if (subnet.OwnerOf(address) is { } owner && !own.Contains(owner))
            throw ArmErrors.AddressIsAllocated(config, text, owner);
    }
}

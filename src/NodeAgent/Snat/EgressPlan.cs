using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Api.Settings;
using Vnetcni.Dataplane.Snat;
using Vnetcni.NodeAgent.Pool;

namespace Vnetcni.NodeAgent.Snat;

/// <summary>Which egress rules a version of the pool wants. Pure.</summary>
internal static class EgressPlan
{
    /// <summary>
    /// The rules. Where the destinations without translation are not known, those of <paramref name="last"/> stay: running
    /// pods do not lose their way out while the pool is made anew. Where they never were, nothing is translated: pods of
    /// other nodes must see the pod's own address.
    /// </summary>
    /// <param name="pool">The pool.</param>
    /// <param name="held">Addresses that pods have or may get.</param>
    /// <param name="last">The rules before, or null.</param>
    public static EgressRules Of(PoolSnapshot pool, IReadOnlyCollection<IPAddress> held, EgressRules? last)
    {
        if (!pool.Present && last is not null)
            return last with { Pods = held, Nics = NicsOf([], held, last.Nics) };
        var known = pool.ExcludedCidrs.Count > 0;
        var wanted = pool.Settings.SnatMode != SnatModes.Disabled;
        return new EgressRules
        {
            Translate = wanted && (known || last is { Untranslated.Ranges.Count: > 0 }),
            Pods = held,
            Untranslated = known ? CidrSet.Of([.. pool.ExcludedCidrs.Take(CidrSet.MaxCidrs)]) : last?.Untranslated ?? CidrSet.Empty,
            Nics = NicsOf(pool.Nics, held, last?.Nics ?? []),
            CloseWireServer = true,
            // A value that this version does not know is no permission.
            CloseMetadata = pool.Settings.MetadataAccess != MetadataAccess.Allow,
        };
    }

    /// <summary>Whether both say the same.</summary>
    public static bool IsSame(EgressRules a, EgressRules b) =>
        a.Translate == b.Translate && a.CloseWireServer == b.CloseWireServer && a.CloseMetadata == b.CloseMetadata
        && a.Pods.SequenceEqual(b.Pods) && a.Untranslated.Ranges.SequenceEqual(b.Untranslated.Ranges)
        && a.Nics.Count == b.Nics.Count && a.Nics.Zip(b.Nics).All(pair => pair.First.IsSame(pair.Second));

    // An address that is listed no more and still held, by a pod that runs on, stays with its NIC.
    private static List<NicPods> NicsOf(IReadOnlyList<NicAddresses> listed, IReadOnlyCollection<IPAddress> held, IReadOnlyList<NicPods> last)
    {
        var all = listed.SelectMany(nic => nic.Addresses).Select(address => address.ToIPAddress()).ToHashSet();
        var macs = listed.Select(nic => PhysicalAddress.Parse(nic.Mac)).ToArray();
        List<NicPods> nics = [];
        foreach (var (nic, mac) in listed.Zip(macs))
        {
            var before = last.FirstOrDefault(one => one.Mac.Equals(mac))?.Pods ?? [];
            nics.Add(new NicPods(mac, nic.Gateway.ToIPAddress(), [.. nic.Addresses.Select(address => address.ToIPAddress()), .. Kept(before)]));
        }

        nics.AddRange(last.Where(one => !macs.Contains(one.Mac)).Select(one => one with { Pods = [.. Kept(one.Pods)] }).Where(one => one.Pods.Count > 0));
        return nics;

        IEnumerable<IPAddress> Kept(IEnumerable<IPAddress> before) => before.Where(address => !all.Contains(address) && held.Contains(address));
    }
}

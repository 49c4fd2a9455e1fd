using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Destinations without address translation, within the bounds of the schema: a status beyond them is refused as a whole.</summary>
internal static class SnatExclusions
{
    /// <summary>Most entries that a pool's status holds.</summary>
    public const int Most = 1024;

    private const int MaxLength = 43;

    /// <summary>
    /// The ranges, ordered, without those that lie in another one. When there are too many, the class's own come first, then the virtual
    /// network's, then those of its peerings.
    /// </summary>
    /// <param name="own">The class's.</param>
    /// <param name="network">The virtual network's.</param>
    /// <param name="peered">Its peerings'.</param>
    /// <returns>The list, and how many ranges had no room.</returns>
    public static (IReadOnlyList<string> List, int LeftOut) Of(
        IReadOnlyList<string> own, IReadOnlyList<string> network, IReadOnlyList<string> peered)
    {
        var all = own.Concat(network).Concat(peered).Where(static c => c.Length is > 0 and <= MaxLength).Distinct(StringComparer.Ordinal).ToArray();
        var widest = Widest(all);
        var kept = all.Where(c => !Cidr.TryParse(c, out var cidr) || widest.Contains(cidr)).ToArray();
        return ([.. kept.Take(Most).Order(StringComparer.Ordinal)], Math.Max(0, kept.Length - Most));
    }

    // In order of their first address, the wider first: what lies in another one comes after it.
    private static HashSet<Cidr> Widest(IEnumerable<string> texts)
    {
        var widest = new HashSet<Cidr>();
        Cidr? last = null;
        foreach (var cidr in texts.Select(static t => Cidr.TryParse(t, out var c) ? c : (Cidr?)null).OfType<Cidr>()
            .OrderBy(static c => c.Network).ThenBy(static c => c.Length))
        {
            if (last is { } wider && wider.Contains(cidr.Network))
                continue;
            widest.Add(cidr);
            last = cidr;
        }

        return widest;
    }
}

namespace Vnetcni.Dataplane.Snat;

/// <summary>
/// CIDRs as the kernel's interval sets want them: sorted, none overlapping another, neighbours joined. An interval set
/// refuses overlaps, and whoever lists CIDRs (a user, a virtual network, its peerings) does not know what others list.
/// </summary>
/// <param name="Ranges">Sorted by address, with at least one address between two of them.</param>
/// <param name="Refused">Texts that are no CIDR, as given, each at most 64 characters; at most 16 of them.</param>
/// <param name="RefusedCount">How many texts are no CIDR.</param>
/// <param name="IPv6Count">CIDRs of IPv6; they have no place in an IPv4 set and are left out.</param>
public sealed record CidrSet(IReadOnlyList<AddressRange> Ranges, IReadOnlyList<string> Refused, int RefusedCount, int IPv6Count)
{
    /// <summary>CIDRs read at most; the operator publishes at most 1,024.</summary>
    public const int MaxCidrs = 2048;

    private const int MaxRefused = 16;
    private const int MaxTextLength = 64;

    /// <summary>A set of nothing.</summary>
    public static CidrSet Empty { get; } = new([], [], 0, 0);

    /// <summary>
    /// Reads and joins. A text that is no CIDR is left out and named in <see cref="Refused"/>: one wrong entry must not keep
    /// the others from working. Throws <see cref="ArgumentException"/> for more than <see cref="MaxCidrs"/> texts.
    /// </summary>
    public static CidrSet Of(IReadOnlyCollection<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.Count > MaxCidrs)
            throw new ArgumentException($"{texts.Count} CIDRs are more than {MaxCidrs}; join neighbouring ones.");
        var ranges = new List<AddressRange>(texts.Count);
        var refused = new List<string>();
        int refusedCount = 0, ipv6 = 0;
        foreach (var text in texts)
        {
            if (AddressRange.TryParse(text, out var range))
                ranges.Add(range);
            else if (System.Net.IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
                ipv6++;
            else if (refusedCount++ < MaxRefused)
                refused.Add(text.Length <= MaxTextLength ? text : text[..MaxTextLength]);
        }
        return new CidrSet(Join(ranges), refused, refusedCount, ipv6);
    }

    /// <summary>Whether an address, a number in host order, lies in one of the ranges.</summary>
    public bool Contains(uint address)
    {
        foreach (var range in Ranges)
        {
            if (range.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>Sorts ranges and joins those that overlap or touch.</summary>
    internal static IReadOnlyList<AddressRange> Join(List<AddressRange> ranges)
    {
        ranges.Sort((a, b) => a.First.CompareTo(b.First));
        var joined = new List<AddressRange>(ranges.Count);
        foreach (var range in ranges)
        {
            // In 64 bits: the range that ends with 255.255.255.255 has nothing after it.
            if (joined.Count > 0 && range.First <= joined[^1].Last + 1UL)
                joined[^1] = joined[^1] with { Last = Math.Max(joined[^1].Last, range.Last) };
            else
                joined.Add(range);
        }
        return joined;
    }
}

using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Addresses of one pool that somebody else took off its interface, and what came of putting them back.</summary>
internal sealed class RemovedAddresses
{
    /// <summary>An accepted PUT that does not bring an address back is tried this often.</summary>
    private const int MaxTries = 3;

    private ImmutableDictionary<IpAddress, int> tries = ImmutableDictionary<IpAddress, int>.Empty;

    /// <summary>Off the list, and perhaps held by pods.</summary>
    public ImmutableHashSet<IpAddress> Missed { get; private set; } = [];

    /// <summary>Not asked for again: ARM gave them to somebody else, or does not bring them back.</summary>
    public ImmutableHashSet<IpAddress> Lost { get; private set; } = [];

    /// <summary>They left the list since they are not on the interface.</summary>
    public void Miss(IEnumerable<IpAddress> addresses) => Missed = Missed.Union(addresses);

    /// <summary>A PUT that brings an address back was accepted.</summary>
    public void Sent(IpAddress address)
    {
        tries = tries.SetItem(address, tries.GetValueOrDefault(address) + 1);
        if (tries[address] >= MaxTries)
            Lost = Lost.Add(address);
    }

    /// <summary>ARM refused some of these: those that its message names, or all. Returns which.</summary>
    public IReadOnlyList<IpAddress> Lose(IReadOnlyList<IpAddress> asked, string message)
    {
        var named = asked.Where(a => Names(message, a.ToString())).ToArray();
        var lost = named.Length > 0 ? named : asked;
        Lost = Lost.Union(lost);
        return lost;
    }

    /// <summary>No pod misses anything.</summary>
    public void Clear() => (Missed, Lost, tries) = ([], [], ImmutableDictionary<IpAddress, int>.Empty);

    // As a whole: 10.0.0.1 is not named by 10.0.0.12, nor by 110.0.0.1.
    private static bool Names(string message, string address)
    {
        for (var at = message.IndexOf(address, StringComparison.Ordinal); at >= 0; at = message.IndexOf(address, at + 1, StringComparison.Ordinal))
        {
            var end = at + address.Length;
            if ((at == 0 || !(char.IsAsciiDigit(message[at - 1]) || message[at - 1] == '.')) && (end == message.Length || !char.IsAsciiDigit(message[end])))
                return true;
        }

        return false;
    }
}

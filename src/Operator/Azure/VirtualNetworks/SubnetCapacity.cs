using System.Net;
using System.Net.Sockets;

namespace Vnetcni.Operator.Azure.VirtualNetworks;

/// <summary>
/// Azure keeps the first four addresses and the last one of every range.
/// Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
/// </summary>
internal static class SubnetCapacity
{
    internal const int Reserved = 5;

    internal static int Of(IReadOnlyList<string> prefixes)
    {
        long sum = 0;
        foreach (var prefix in prefixes)
        {
            if (IPNetwork.TryParse(prefix, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
                sum += Math.Max(0, (1L << (32 - network.PrefixLength)) - Reserved);
        }

        return (int)Math.Min(sum, int.MaxValue);
    }
}

using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>What others have in a virtual network, as far as ARM shows: from one list of a subscription for all its networks, kept for a while.</summary>
internal sealed class OtherAddresses(OperatorContext context, ForeignAddressClient client, ArmPause pause)
{
    private readonly Dictionary<string, (long At, IReadOnlyDictionary<string, int>? Counts)> lists = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The count; null when ARM does not tell. No more is said of it: what is kept for others holds without it.</summary>
    public async Task<int?> OfAsync(ResourceId network, CancellationToken cancellationToken)
    {
        var subscription = network.SubscriptionId;
        if (lists.TryGetValue(subscription, out var kept))
        {
            var age = kept.Counts is null ? context.Settings.UsageInterval : context.Settings.OthersInterval;
            if (context.Time.GetElapsedTime(kept.At) < age)
                return CountOf(kept.Counts, network);
        }

        var began = context.Time.GetTimestamp();
        var counts = await ListAsync(subscription, cancellationToken);
        lists[subscription] = (began, counts);
        return CountOf(counts, network);
    }

    private async Task<IReadOnlyDictionary<string, int>?> ListAsync(string subscription, CancellationToken cancellationToken)
    {
        try
        {
            var result = await client.CountAsync(subscription, cancellationToken);
            if (result.IsSuccess)
                return result.Value;
            // Also 403: an identity may be confined to resource groups.
            pause.Note(subscription, result.Error);
            return null;
        }
        catch (Exception e) when (e is ArmUnreachableException or ArmAnswerException)
        {
            return null;
        }
    }

    private static int? CountOf(IReadOnlyDictionary<string, int>? counts, ResourceId network) =>
        counts?.GetValueOrDefault(network.ToString().ToLowerInvariant());
}

using System.Text.Json;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Json;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualNetworks;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>
/// Counts what others than this cluster have in virtual networks: secondary IPv4 ipConfigurations that are not ours, on all interfaces
/// of a subscription. Primary ones are machines, not pods. ARM's list has no interfaces of uniform scale sets.
/// Source: https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/list-all
/// </summary>
/// <param name="arm">ARM.</param>
/// <param name="names">Which ipConfigurations are ours.</param>
public sealed class ForeignAddressClient(IArm arm, OwnedNames names)
{
    private const string What = "a list of network interfaces";
    private const int MaxPages = 10_000;

    /// <summary>
    /// Counts by virtual network (its id, lower case). All pages or an error, never a part. Throws as <see cref="IArm.SendAsync"/> does,
    /// and <see cref="ArmAnswerException"/>.
    /// </summary>
    public async Task<ArmResult<IReadOnlyDictionary<string, int>>> CountAsync(string subscriptionId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(subscriptionId);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string? next = $"/subscriptions/{subscriptionId}/providers/{NetworkInterfaceClient.ResourceType}?api-version={ArmApiVersions.Network}";
        for (var page = 0; next is not null; page++)
        {
            if (page == MaxPages)
                throw new ArmAnswerException($"{What} has more than {MaxPages} pages");
            using var response = await arm.SendAsync(new ArmRequest("GET", next), cancellationToken);
            if (!response.IsSuccess)
                return new ArmResult<IReadOnlyDictionary<string, int>>(null, ArmErrors.Of(response));
            next = ReadPage(response.Body.Span, counts);
        }

        return new ArmResult<IReadOnlyDictionary<string, int>>(counts, null);
    }

    private string? ReadPage(ReadOnlySpan<byte> utf8, SortedDictionary<string, int> counts)
    {
        string? next = null;
        var configurations = new IpConfigurationReader(names);
        var seen = new Seen(counts);
        try
        {
            var reader = JsonObjects.Open(utf8, What);
            while (JsonObjects.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("nextLink"u8))
                    next = JsonObjects.Text(ref reader, What);
                else if (reader.ValueTextEquals("value"u8) && JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
                    while (JsonObjects.NextElement(ref reader))
                        ReadInterface(ref reader, configurations, seen);
                else if (reader.TokenType == JsonTokenType.PropertyName)
                    JsonObjects.SkipValue(ref reader);
            }
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(What, e);
        }

        return string.IsNullOrEmpty(next) ? null : next;
    }

    private static void ReadInterface(ref Utf8JsonReader reader, IpConfigurationReader configurations, Seen seen)
    {
        JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("properties"u8))
                JsonObjects.SkipValue(ref reader);
            else if (JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
                ReadProperties(ref reader, configurations, seen);
        }
    }

    private static void ReadProperties(ref Utf8JsonReader reader, IpConfigurationReader configurations, Seen seen)
    {
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("ipConfigurations"u8))
                JsonObjects.SkipValue(ref reader);
            else if (JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
                while (JsonObjects.NextElement(ref reader))
                    seen.Add(configurations.Read(ref reader));
        }
    }

    // Configurations of one interface lie in one subnet: its id is looked at once.
    private sealed class Seen(SortedDictionary<string, int> counts)
    {
        private string? subnet;
        private string? network;

        public void Add(NicIpConfiguration configuration)
        {
            if (configuration.IsOurs || configuration.IsPrimary || configuration.Address?.Contains(':', StringComparison.Ordinal) == true)
                return;
            if (!ReferenceEquals(subnet, configuration.SubnetId))
            {
                subnet = configuration.SubnetId;
                network = ResourceId.TryParse(subnet, out var id) && id.Parent is { } parent && parent.IsOfType(VirtualNetworkClient.ResourceType)
                    ? parent.ToString().ToLowerInvariant()
                    : null;
            }

            if (network is not null)
                counts[network] = counts.GetValueOrDefault(network) + 1;
        }
    }
}

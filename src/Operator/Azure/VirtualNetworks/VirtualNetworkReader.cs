using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.VirtualNetworks;

/// <summary>
/// Reads a virtual network. The list of ipConfigurations below each subnet (megabytes in a full one, null in a large one) is
/// skipped.
/// </summary>
internal static class VirtualNetworkReader
{
    private const string What = "a virtual network";
    private const int MaxSubnets = 10_000;
    private const int MaxPrefixes = 10_000;

    internal static VirtualNetworkView Read(ReadOnlySpan<byte> utf8)
    {
        string? id = null;
        string? name = null;
        var parts = new Parts([], [], []);
        try
        {
            var reader = JsonObjects.Open(utf8, What);
            while (JsonObjects.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("id"u8))
                    id = JsonObjects.Text(ref reader, What);
                else if (reader.ValueTextEquals("name"u8))
                    name = JsonObjects.Text(ref reader, What);
                else if (reader.ValueTextEquals("properties"u8))
                    ReadProperties(ref reader, parts);
                else
                    JsonObjects.SkipValue(ref reader);
            }
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(What, e);
        }

        return new VirtualNetworkView
        {
            Id = id ?? throw new ArmAnswerException($"{What} has no id"),
            Name = name ?? throw new ArmAnswerException($"{What} has no name"),
            AddressPrefixes = parts.Prefixes,
            Subnets = parts.Subnets,
            PeeredPrefixes = parts.Peered,
        };
    }

    private static void ReadProperties(ref Utf8JsonReader reader, Parts parts)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("addressSpace"u8))
                ReadAddressSpace(ref reader, parts.Prefixes);
            else if (reader.ValueTextEquals("subnets"u8))
                ReadSubnets(ref reader, parts.Subnets);
            else if (reader.ValueTextEquals("virtualNetworkPeerings"u8))
                ReadPeerings(ref reader, parts.Peered);
            else
                JsonObjects.SkipValue(ref reader);
        }
    }

    private static void ReadAddressSpace(ref Utf8JsonReader reader, List<string> prefixes)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("addressPrefixes"u8))
                JsonObjects.Texts(ref reader, prefixes, MaxPrefixes, What);
            else
                JsonObjects.SkipValue(ref reader);
        }
    }

    private static void ReadSubnets(ref Utf8JsonReader reader, List<SubnetView> subnets)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
            return;
        while (JsonObjects.NextElement(ref reader))
        {
            if (subnets.Count == MaxSubnets)
                throw new ArmAnswerException($"{What} has more than {MaxSubnets} subnets");
            subnets.Add(ReadSubnet(ref reader));
        }
    }

    private static SubnetView ReadSubnet(ref Utf8JsonReader reader)
    {
        JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
        string? id = null;
        string? name = null;
        var prefixes = new List<string>(1);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
                id = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("name"u8))
                name = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("properties"u8))
                ReadSubnetProperties(ref reader, prefixes);
            else
                JsonObjects.SkipValue(ref reader);
        }

        return id is not null && name is not null
            ? new SubnetView { Id = id, Name = name, Prefixes = prefixes }
            : throw new ArmAnswerException($"a subnet of {What} has no id or name");
    }

    /// <summary>One range stands in addressPrefix, several in addressPrefixes; both may be given.</summary>
    private static void ReadSubnetProperties(ref Utf8JsonReader reader, List<string> prefixes)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return;
        string? single = null;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("addressPrefix"u8))
                single = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("addressPrefixes"u8))
                JsonObjects.Texts(ref reader, prefixes, MaxPrefixes, What);
            else
                JsonObjects.SkipValue(ref reader);
        }

        if (single is not null && !prefixes.Contains(single))
            prefixes.Insert(0, single);
    }

    private static void ReadPeerings(ref Utf8JsonReader reader, List<string> peered)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
            return;
        while (JsonObjects.NextElement(ref reader))
        {
            JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
            while (JsonObjects.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("properties"u8))
                    ReadPeering(ref reader, peered);
                else
                    JsonObjects.SkipValue(ref reader);
            }
        }
    }

    private static void ReadPeering(ref Utf8JsonReader reader, List<string> peered)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return;
        string? state = null;
        var prefixes = new List<string>();
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("peeringState"u8))
                state = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("remoteVirtualNetworkAddressSpace"u8) || reader.ValueTextEquals("remoteAddressSpace"u8))
                ReadAddressSpace(ref reader, prefixes);
            else
                JsonObjects.SkipValue(ref reader);
        }

        if (!"Connected".Equals(state, StringComparison.OrdinalIgnoreCase))
            return;
        foreach (var prefix in prefixes)
        {
            if (!peered.Contains(prefix))
                peered.Add(prefix);
        }
    }

    private sealed record Parts(List<string> Prefixes, List<SubnetView> Subnets, List<string> Peered);
}

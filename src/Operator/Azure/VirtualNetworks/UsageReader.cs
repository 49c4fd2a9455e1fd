using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.VirtualNetworks;

/// <summary>Reads a page of <c>virtualNetworks/{v}/usages</c>: one entry per subnet, counts as (fractional) numbers.</summary>
internal static class UsageReader
{
    private const string What = "a virtual network's usages";
    private const int MaxEntries = 10_000;

    /// <summary>Adds the entries of a page; the URL of the next one, or null.</summary>
    internal static string? Read(ReadOnlySpan<byte> utf8, List<SubnetUsage> usages)
    {
        string? next = null;
        try
        {
            var reader = JsonObjects.Open(utf8, What);
            while (JsonObjects.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("nextLink"u8))
                    next = JsonObjects.Text(ref reader, What);
                else if (reader.ValueTextEquals("value"u8))
                    ReadEntries(ref reader, usages);
                else
                    JsonObjects.SkipValue(ref reader);
            }
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(What, e);
        }

        return string.IsNullOrEmpty(next) ? null : next;
    }

    private static void ReadEntries(ref Utf8JsonReader reader, List<SubnetUsage> usages)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
            return;
        while (JsonObjects.NextElement(ref reader))
        {
            JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
            string? id = null;
            var (used, limit) = (0, 0);
            while (JsonObjects.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("id"u8))
                    id = JsonObjects.Text(ref reader, What);
                else if (reader.ValueTextEquals("currentValue"u8))
                    used = Number(ref reader);
                else if (reader.ValueTextEquals("limit"u8))
                    limit = Number(ref reader);
                else
                    JsonObjects.SkipValue(ref reader);
            }

            if (usages.Count == MaxEntries)
                throw new ArmAnswerException($"{What} has more than {MaxEntries} entries");
            if (id is not null)
                usages.Add(new SubnetUsage(id, used, limit));
        }
    }

    private static int Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        JsonObjects.Expect(ref reader, JsonTokenType.Number, What);
        return (int)Math.Clamp(reader.GetDouble(), 0, int.MaxValue);
    }
}

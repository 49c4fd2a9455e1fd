using System.Globalization;
using System.Text;
using CsCheck;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>One ipConfiguration in a generated NIC, with the white space on both of its sides.</summary>
internal sealed record NicElement(string Before, string Name, string Text, string After, bool Primary);

/// <summary>A NIC as text in pieces, so that a test knows what a splice must give.</summary>
internal sealed record NicText(string Head, IReadOnlyList<NicElement> Elements, string Tail)
{
    internal const string Id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic1";
    internal const string Subnet = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/pods";
    internal static readonly OwnedNames Names = new("01234567");

    internal byte[] Utf8 => Encoding.UTF8.GetBytes(Text(_ => true, string.Empty));

    /// <summary>The document with the chosen elements only and something appended to the last one.</summary>
    internal string Text(Func<NicElement, bool> keep, string appended)
    {
        var text = new StringBuilder(Head);
        var first = true;
        for (var i = 0; i < Elements.Count; i++)
        {
            if (!keep(Elements[i]))
                continue;
            if (!first)
                text.Append(Elements[i - 1].After).Append(',');
            text.Append(Elements[i].Before).Append(Elements[i].Text);
            first = false;
        }

        return text.Append(appended).Append(Elements[^1].After).Append(Tail).ToString();
    }

    private static readonly Gen<string> Space = JsonText.Space;

    private static Gen<NicElement> Element(string name, bool primary, int number) =>
        from spaces in Gen.Select(Space, Space)
        from outer in JsonText.Members("name", "properties").Array[2]
        from inner in JsonText.Members("privateIPAddress", "provisioningState", "subnet", "primary", "applicationSecurityGroups").Array[2]
        from below in JsonText.Members("id").Array[2]
        from deep in JsonText.DeepValue
        from escaped in Gen.Bool
        from first in Gen.Bool
        select new NicElement(spaces.Item1, name, Text(name, primary, number, outer, inner, below, deep, escaped, first), spaces.Item2, primary);

    private static string Text(
        string name, bool primary, int number, string[] outer, string[] inner, string[] below, string deep, bool escaped, bool first)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"10.0.{number / 250}.{4 + (number % 250)}");
        var properties = $"\"properties\":{{{inner[0]}\"privateIPAddress\":\"{address}\",\"deep\":{deep},\"provisioningState\":\"Succeeded\",\"subnet\":{{{below[0]}\"id\":\"{Subnet}\",{below[1]}\"z\":0}},{inner[1]}\"primary\" : {(primary ? "true" : "false")}}}";
        var named = $"\"{(escaped ? "n\\u0061me" : "name")}\":\"{name}\"";
        // In any order.
        return first ? $"{{{outer[0]}{named},{outer[1]}{properties}}}" : $"{{{outer[0]}{properties},{outer[1]}{named}}}";
    }

    /// <summary>A NIC with a primary somewhere, configurations of others and some of ours, and unknown JSON on every level.</summary>
    internal static readonly Gen<NicText> Any =
        from ours in Gen.Int[0, 6]
        from others in Gen.Int[0, 3]
        from at in Gen.Int[0, ours + others]
        from order in Gen.Shuffle(Enumerable.Range(0, ours + others).ToArray())
        from elements in MakeElements(ours, others, at, order)
        from top in JsonText.Members("name", "id", "etag", "properties").Array[2]
        from below in JsonText.Members("ipConfigurations", "provisioningState", "macAddress", "resourceGuid", "virtualMachine").Array[2]
        from spaces in Gen.Select(Space, Space, Space)
        select new NicText(
            $"{spaces.Item1}{{{top[0]}\"name\":\"nic1\",\"id\":\"{Id}\",\"etag\":\"W/\\\"1\\\"\",\"properties\":{{{below[0]}\"ipConfigurations\"{spaces.Item2}:{spaces.Item3}[",
            elements,
            $"]{spaces.Item2},{below[1]}\"provisioningState\":\"Succeeded\",\"macAddress\":\"00-0D-3A-01-02-03\",\"resourceGuid\":\"g\"}},{top[1]}\"location\":\"x\"{spaces.Item1}}}{spaces.Item3}");

    private static Gen<NicElement[]> MakeElements(int ours, int others, int at, int[] order)
    {
        var names = order.Select(i => i < ours ? Names.ForSlot(i * 3) : $"other-{i}").ToList();
        names.Insert(at, "ipconfig1");
        return names.Select((name, i) => Element(name, i == at, i)).Aggregate(
            Gen.Const(Array.Empty<NicElement>()),
            (all, one) => Gen.Select(all, one, (head, tail) => (NicElement[])[.. head, tail]));
    }

    /// <summary>A NIC of the size and shape that ARM answers.</summary>
    internal static byte[] Realistic(int configurations)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"name\": \"nic1\",\n  \"id\": \"{Id}\",\n  \"etag\": \"W/\\\"7f3c\\\"\",\n  \"properties\": {{\n    \"provisioningState\": \"Succeeded\",\n    \"resourceGuid\": \"6f1e\",\n    \"ipConfigurations\": [\n");
        for (var i = 0; i < configurations; i++)
        {
            var name = i == 0 ? "ipconfig1" : Names.ForSlot(i);
            text.Append(CultureInfo.InvariantCulture, $"      {{\n        \"name\": \"{name}\",\n        \"id\": \"{Id}/ipConfigurations/{name}\",\n        \"etag\": \"W/\\\"7f3c\\\"\",\n        \"type\": \"Microsoft.Network/networkInterfaces/ipConfigurations\",\n        \"properties\": {{\n          \"provisioningState\": \"Succeeded\",\n          \"privateIPAddress\": \"10.1.{i / 250}.{4 + (i % 250)}\",\n          \"privateIPAllocationMethod\": \"Dynamic\",\n          \"subnet\": {{\n            \"id\": \"{Subnet}\"\n          }},\n          \"primary\": {(i == 0 ? "true" : "false")},\n          \"privateIPAddressVersion\": \"IPv4\"\n        }}\n      }}{(i == configurations - 1 ? "" : ",")}\n");
        }

        text.Append("    ],\n    \"dnsSettings\": {},\n    \"macAddress\": \"00-0D-3A-01-02-03\",\n    \"allowPort25Out\": true\n  },\n  \"type\": \"Microsoft.Network/networkInterfaces\",\n  \"location\": \"westeurope\"\n}");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

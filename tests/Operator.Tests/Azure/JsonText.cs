using System.Globalization;
using System.Text;
using CsCheck;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>
/// Random JSON that nobody knows: deep, with any white space, escapes, huge numbers, text of all planes, and names that look like those the
/// product reads, in other places or in other case.
/// </summary>
internal static class JsonText
{
    private const int Deepest = 24;

    // Names that decide something elsewhere: here they must not.
    private static readonly string[] Decoys =
    [
        "name", "properties", "ipConfigurations", "privateIPAddress", "primary", "subnet", "id", "etag", "provisioningState",
        "networkProfileConfiguration", "networkInterfaceConfigurations", "storageProfile", "imageReference", "applicationSecurityGroups",
        "vmId", "macAddress", "resourceGuid",
    ];

    private static readonly string[] Values =
    [
        "0", "-0", "-0.0", "1e400", "-1E-999", "123456789012345678901234567890.000000000000000000000000000001", "true", "false", "null", "\"\"",
        "\"vnetcni-01234567-1\"", "\"]},{[\\\"\\\\\"", "\"\\u0000\\ud83d\\ude00\\/\"", "\"\u00e9\u4e16\U0001f4a1\u202e\"", "\"\\n\\t\\r\\b\\f\"", "[]", "{}", "[ ]", "{ }",
    ];

    internal static readonly Gen<string> Space = OneOf("", "", "", " ", "\n  ", "\t", "\r\n", "   \t\n");

    /// <summary>Any value.</summary>
    internal static readonly Gen<string> Value = Gen.Select(Gen.Int[0, 3], Gen.Int, (depth, seed) => Make(new Random(seed), depth));

    /// <summary>A value as deep as the product's reader goes.</summary>
    internal static readonly Gen<string> DeepValue = Gen.Select(Gen.Int[4, Deepest], Gen.Int, (depth, seed) => Make(new Random(seed), depth));

    /// <summary>
    /// Members of an object, each with a comma behind it, with any name but the given ones: those decide at this place. Their look-alikes
    /// are among them.
    /// </summary>
    internal static Gen<string> Members(params string[] taken) => Gen.Select(Gen.Int[0, 3], Gen.Int, (count, seed) =>
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
            text.Append(Blank(random)).Append(Name(random, taken)).Append(Blank(random)).Append(':').Append(Blank(random)).Append(Make(random, random.Next(3))).Append(Blank(random)).Append(',');
        return text.ToString();
    });

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Blank(Random random) => random.Next(5) switch { 0 => " ", 1 => "\n\t", _ => "" };

    private static string Make(Random random, int depth)
    {
        if (depth == 0)
            return Values[random.Next(Values.Length)];
        var text = new StringBuilder();
        var isArray = random.Next(2) == 0;
        text.Append(isArray ? '[' : '{');
        // One branch goes down, the others are short: the size stays within bounds.
        var count = random.Next(1, 4);
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(Blank(random));
            if (!isArray)
                text.Append(Name(random, [])).Append(Blank(random)).Append(':').Append(Blank(random));
            text.Append(Make(random, i == count - 1 ? depth - 1 : Math.Min(1, depth - 1))).Append(Blank(random));
        }

        return text.Append(isArray ? ']' : '}').ToString();
    }

    private static string Name(Random random, string[] taken)
    {
        var decoy = Decoys[random.Next(Decoys.Length)];
        var name = random.Next(4) switch
        {
            0 when !taken.Contains(decoy) => decoy,
            1 => decoy.ToUpperInvariant(),
            2 => decoy + ' ',
            _ => random.Next(4) switch
            {
                0 => "",
                1 => "\u00fcn\u00ef\U0001f4a1",
                2 => "a.b/c$d",
                _ => "x" + random.Next(3).ToString(CultureInfo.InvariantCulture),
            },
        };
        return "\"" + (random.Next(3) == 0 ? Escaped(name) : name) + "\"";
    }

    private static string Escaped(string name) => string.Concat(name.Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")));
}

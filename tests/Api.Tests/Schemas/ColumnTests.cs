namespace Vnetcni.Api.Tests.Schemas;

/// <summary>What <c>kubectl get</c> prints.</summary>
public sealed class ColumnTests
{
    [Theory]
    [InlineData("nodeippools", "READY REASON USED FREE HELD MAX AGE", "TARGET WAITING SUBNET NIC ZONE SYNCED MESSAGE")]
    [InlineData("virtualnetworks", "USED LIMIT FREE SUBNETS READY AGE", "OTHERS RESERVED RUNWAY MESSAGE")]
    [InlineData("nodeippoolclasses", "NODES USED FREE HELD READY AGE", "PRIORITY MINFREE MAXFREE BATCH MAX DRYRUN MESSAGE")]
    public void The_columns_are_as_designed(string plural, string narrow, string wide)
    {
        var columns = YamlFiles.Version(plural)["additionalPrinterColumns"]!.AsArray();
        var names = columns.ToLookup(
            column => (long?)column!["priority"] ?? 0,
            column => ((string?)column!["name"])!.ToUpperInvariant());
        Assert.Equal(narrow, string.Join(' ', names[0]));
        Assert.Equal(wide, string.Join(' ', names[1]));
    }

    [Theory]
    [MemberData(nameof(FieldTests.Kinds), MemberType = typeof(FieldTests))]
    public void Every_column_reads_a_field_of_its_type(string plural)
    {
        var fields = Node.All(plural).ToDictionary(node => node.Path[plural.Length..], node => node);
        foreach (var column in YamlFiles.Version(plural)["additionalPrinterColumns"]!.AsArray())
        {
            var path = (string)column!["jsonPath"]!;
            var type = (string)column["type"]!;
            if (path == ".metadata.creationTimestamp")
                continue;
            var field = fields[path.Replace("[?(@.type==\"Ready\")]", "[]").Replace("[0]", "[]")];
            var expected = type == "date" ? "date-time" : type;
            Assert.Equal(expected, type == "date" ? (string?)field.Schema["format"] : field.Type);
        }
    }
}

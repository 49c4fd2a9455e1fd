using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Tests.Schemas;

/// <summary>The schemas and the C# types hold the same fields, both ways.</summary>
public sealed class FieldTests
{
    /// <summary>Required by the schema, nullable in C#: the operator must be able to read and refuse an object without them.</summary>
    private static readonly string[] CheckedByValidation =
        ["nodeippools.spec", "nodeippools.spec.nodeName", "nodeippoolclasses.spec", "virtualnetworks.spec", "virtualnetworks.spec.resourceId"];

    private static readonly Dictionary<string, IReadOnlyList<string>> Choices = new()
    {
        ["spec.networkInterface.selector"] = NetworkInterfaceSelectors.All,
        ["spec.snat.mode"] = SnatModes.All,
        ["spec.metadataAccess"] = MetadataAccess.All,
        ["spec.dataplane.mode"] = DataplaneModes.All,
        ["spec.nodeSelector.matchExpressions[].operator"] = SelectorOperators.All,
        ["status.networkInterfaces[].addresses[].state"] = AddressStates.All,
        ["status.conditions[].status"] = ["True", "False", "Unknown"],
    };

    public static TheoryData<string> Kinds => ["nodeippools", "nodeippoolclasses", "virtualnetworks"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_of_the_schema_is_in_the_type_and_the_other_way_round(string plural)
    {
        var differences = new List<string>();
        Compare(new Node(plural, YamlFiles.Schema(plural)), TypeOf(plural), differences);
        Assert.Empty(differences);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_choice_of_the_schema_is_a_constant_and_the_other_way_round(string plural)
    {
        var found = Node.Own(plural).Where(node => node.Enum.Count != 0).ToList();
        Assert.NotEmpty(found);
        foreach (var node in found)
            Assert.Equal(Choices[node.Path[(plural.Length + 1)..]], node.Enum);
    }

    [Fact]
    public void A_field_that_only_one_side_knows_is_found()
    {
        var schema = YamlFiles.Schema("nodeippools");
        var usage = schema["properties"]!["status"]!["properties"]!["usage"]!["properties"]!.AsObject();
        usage.Remove("cooling");
        usage.Add("novel", new JsonObject { ["type"] = "string" });
        usage["free"]!["format"] = "int64";
        var differences = new List<string>();
        Compare(new Node("nodeippools", schema), TypeOf("nodeippools"), differences);
        Assert.Equal(3, differences.Count);
    }

    private static JsonTypeInfo TypeOf(string plural) => VnetcniJsonContext.Default.GetTypeInfo(plural switch
    {
        "nodeippools" => typeof(NodeIpPool),
        "nodeippoolclasses" => typeof(NodeIpPoolClass),
        _ => typeof(VirtualNetwork),
    })!;

    private static void Compare(Node node, JsonTypeInfo type, List<string> differences)
    {
        var expected = Describe(type);
        var actual = node.Schema["format"] is { } format ? $"{node.Type}/{format}" : node.Type;
        if (expected != actual)
            differences.Add($"{node.Path} is {actual}, C# has {expected}");
        if (node.Schema["items"] is JsonObject items && type.ElementType is not null)
            Compare(new Node($"{node.Path}[]", items), Info(type.ElementType), differences);
        if (type.Kind == JsonTypeInfoKind.Object)
            CompareProperties(node, type, differences);
    }

    private static void CompareProperties(Node node, JsonTypeInfo type, List<string> differences)
    {
        var properties = type.Properties.ToDictionary(property => property.Name);
        foreach (var (name, schema) in node.Properties)
        {
            var path = $"{node.Path}.{name}";
            if (!properties.Remove(name, out var property))
            {
                differences.Add($"{path} is not in {type.Type.Name}");
                continue;
            }

            if (name is "apiVersion" or "kind" or "metadata" && !node.Path.Contains('.'))
                continue;
            var required = node.Required.Contains(name);
            if (required != property.IsRequired && !(required && CheckedByValidation.Contains(path)))
                differences.Add($"{path} required={required}, C# required={property.IsRequired}");
            if (!property.IsRequired && !IsNullable((PropertyInfo)property.AttributeProvider!))
                differences.Add($"{path} is optional but cannot be null in C#");
            Compare(new Node(path, schema!.AsObject()), Info(property.PropertyType), differences);
        }

        differences.AddRange(properties.Keys.Select(name => $"{node.Path}.{name} is not in the schema"));
    }

    private static string Describe(JsonTypeInfo info)
    {
        var type = info.Type;
        return type == typeof(string) ? "string"
            : type == typeof(DateTimeOffset) ? "string/date-time"
            : type == typeof(int) ? "integer/int32"
            : type == typeof(long) ? "integer/int64"
            : type == typeof(bool) ? "boolean"
            : info.Kind switch
            {
                JsonTypeInfoKind.Enumerable => "array",
                JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "object",
                _ => type.Name,
            };
    }

    private static JsonTypeInfo Info(Type type) =>
        VnetcniJsonContext.Default.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type)!;

    private static bool IsNullable(PropertyInfo property) =>
        new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
}

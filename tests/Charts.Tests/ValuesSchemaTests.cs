using System.Text.Json.Nodes;
using Vnetcni.Charts.Tests.Support;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Charts.Tests;

public sealed class ValuesSchemaTests
{
    private static readonly string[] Limits = ["type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "required"];
    private static readonly JsonObject Schema = JsonNode.Parse(Repository.Read("charts/vnetcni/values.schema.json"))!.AsObject();

    [Fact]
    public void Every_setting_has_its_default_in_the_values_file_and_none_is_there_that_the_schema_does_not_know()
    {
        var values = Assert.Single(Manifests.Parse(Repository.Read("charts/vnetcni/values.yaml")));
        Compare(values, Schema, "");

        static void Compare(JsonObject value, JsonObject schema, string path)
        {
            schema = Resolve(schema);
            // Free-form maps, and the class's fields, which have their defaults in the CRD.
            if (schema["properties"] is not JsonObject properties || path == "/defaultClass/spec")
                return;
            var known = properties.Select(p => p.Key).Where(name => name != "global").Order(StringComparer.Ordinal);
            Assert.Equal(known.Select(name => $"{path}/{name}"), value.Select(p => $"{path}/{p.Key}").Order(StringComparer.Ordinal));
            foreach (var (name, child) in value)
            {
                if (child is JsonObject nested)
                    Compare(nested, properties[name]!.AsObject(), $"{path}/{name}");
            }
        }
    }

    [Fact]
    public void Every_object_of_the_schema_with_properties_is_closed()
    {
        var open = new List<string>();
        Walk(Schema, "#");
        Assert.Empty(open);

        void Walk(JsonNode? node, string path)
        {
            if (node is JsonArray array)
            {
                foreach (var item in array)
                    Walk(item, path + "[]");
            }

            if (node is not JsonObject value)
                return;
            if (value["properties"] is JsonObject && !path.EndsWith("/properties", StringComparison.Ordinal)
                && !(value["additionalProperties"] is JsonValue closed && closed.TryGetValue<bool>(out var allowed) && !allowed))
                open.Add(path);
            foreach (var (name, child) in value)
                Walk(child, $"{path}/{name}");
        }
    }

    [Fact]
    public void The_default_class_has_the_fields_and_limits_of_the_crd()
    {
        var crd = RepositoryCrds.All.Single(c => (string?)c["spec"]!["names"]!["kind"] == "NodeIpPoolClass");
        var spec = crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject();
        Compare(spec, Schema["properties"]!["defaultClass"]!["properties"]!["spec"]!.AsObject(), "spec");

        static void Compare(JsonObject crd, JsonObject schema, string path)
        {
            foreach (var limit in Limits)
                Assert.True(JsonNode.DeepEquals(crd[limit], schema[limit]), $"{path}.{limit} is {crd[limit]} in the CRD and {schema[limit]} in the chart's schema");
            var fields = ((crd["properties"] as JsonObject) ?? []).ToDictionary(p => p.Key, p => p.Value!.AsObject(), StringComparer.Ordinal);
            var known = (schema["properties"] as JsonObject) ?? [];
            Assert.Equal(fields.Keys.Order(StringComparer.Ordinal), known.Select(p => p.Key).Order(StringComparer.Ordinal));
            foreach (var (name, field) in fields)
                Compare(field, known[name]!.AsObject(), $"{path}.{name}");
            if (crd["items"] is JsonObject items)
                Compare(items, schema["items"]!.AsObject(), path + "[]");
        }
    }

    private static JsonObject Resolve(JsonObject schema) =>
        (string?)schema["$ref"] is { } reference ? Schema["$defs"]![reference["#/$defs/".Length..]]!.AsObject() : schema;
}

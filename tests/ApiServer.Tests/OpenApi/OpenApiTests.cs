using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.OpenApi;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.ApiServer.Tests.OpenApi;

public class OpenApiTests
{
    private static readonly ResourceDefinition Widgets = new()
    {
        Group = "demo.example.com",
        Version = "v1",
        Plural = "widgets",
        Singular = "widget",
        Kind = "Widget",
        ListKind = "WidgetList",
        Namespaced = true,
        HasStatus = true,
        IsCustom = true,
        Schema = JsonNode.Parse("""
            {"type": "object", "description": "A widget.", "required": ["spec"], "properties": {"metadata": {"type": "object"}, "spec": {"type": "object",
              "x-kubernetes-validations": [{"rule": "true"}],
              "properties": {"size": {"type": "integer", "format": "int32", "minimum": 1, "default": 2, "nullable": true}, "any": {"x-kubernetes-int-or-string": true, "type": "string"}}}}}
            """)!.AsObject(),
    };

    private static readonly ResourceCatalog Catalog = new([.. BuiltInResources.All, Widgets], 1);

    [Fact]
    public void Version_3_says_that_a_patch_of_a_kind_takes_fieldValidation()
    {
        var document = OpenApiV3.Document(Catalog, "apis/demo.example.com/v1")!;
        var patch = document["paths"]!["/apis/demo.example.com/v1/namespaces/{namespace}/widgets/{name}"]!["patch"]!;
        Assert.Equal("Widget", patch["x-kubernetes-group-version-kind"]!["kind"]!.GetValue<string>());
        Assert.Contains(patch["parameters"]!.AsArray(), p => p!["name"]!.GetValue<string>() == "fieldValidation");
        Assert.Equal(2, document["components"]!["schemas"]!["com.example.demo.v1.Widget"]!["properties"]!["spec"]!["properties"]!["size"]!["default"]!.GetValue<int>());
        Assert.Null(OpenApiV3.Document(Catalog, "apis/demo.example.com/v2"));
    }

    [Fact]
    public void Version_3_lists_each_group_version_once_with_a_link_that_changes()
    {
        var paths = OpenApiV3.Index(Catalog, "abc")["paths"]!.AsObject();
        Assert.Equal(["api/v1", "apis/apiextensions.k8s.io/v1", "apis/coordination.k8s.io/v1", "apis/demo.example.com/v1"], paths.Select(p => p.Key));
        Assert.Equal("/openapi/v3/api/v1?hash=abc", paths["api/v1"]!["serverRelativeURL"]!.GetValue<string>());
    }

    [Fact]
    public void Version_2_leaves_out_what_it_does_not_know()
    {
        var schema = OpenApiV2.Document(Catalog)["definitions"]!["com.example.demo.v1.Widget"]!;
        var spec = schema["properties"]!["spec"]!;
        Assert.Null(spec["x-kubernetes-validations"]);
        Assert.Equal("""{"type":"integer","format":"int32","minimum":1}""", spec["properties"]!["size"]!.ToJsonString());
        Assert.Equal("{}", spec["properties"]!["any"]!.ToJsonString());
        Assert.StartsWith("#/definitions/", schema["properties"]!["metadata"]!["$ref"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reference_of_every_document_leads_to_a_schema()
    {
        var two = OpenApiV2.Document(Catalog);
        AssertResolves(two, two["definitions"]!.AsObject());
        foreach (var (path, _) in OpenApiV3.Index(Catalog, "x")["paths"]!.AsObject())
        {
            var three = OpenApiV3.Document(Catalog, path)!;
            AssertResolves(three, three["components"]!["schemas"]!.AsObject());
        }
    }

    [Fact]
    public void The_documents_leave_the_catalog_as_it_is()
    {
        var before = Widgets.Schema!.ToJsonString();
        _ = OpenApiV2.Document(Catalog);
        _ = OpenApiV3.Document(Catalog, "apis/demo.example.com/v1");
        Assert.Equal(before, Widgets.Schema.ToJsonString());
    }

    private static void AssertResolves(JsonNode? node, JsonObject schemas)
    {
        if (node is JsonObject map)
        {
            if (map["$ref"] is { } reference)
                Assert.Contains(reference.GetValue<string>().Split('/')[^1], schemas);
            foreach (var (_, child) in map)
                AssertResolves(child, schemas);
        }
        else if (node is JsonArray array)
        {
            foreach (var child in array)
                AssertResolves(child, schemas);
        }
    }
}

using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>What a CustomResourceDefinition makes served.</summary>
internal static class DefinitionReader
{
    /// <summary>Its served versions, the storage version first (even when it is not served), with whether each is served.</summary>
    public static IReadOnlyList<(ResourceDefinition Definition, bool Served)> Read(JsonObject crd) =>
    [
        .. DefinitionRules.Versions(crd)
            .OrderByDescending(v => v.Flag("storage"))
            .Select(v => (Definition(crd["spec"]!.AsObject(), v), v.Flag("served"))),
    ];

    private static ResourceDefinition Definition(JsonObject spec, JsonObject version)
    {
        var names = spec["names"]!.AsObject();
        return new ResourceDefinition
        {
            Group = spec.Text("group"),
            Version = version.Text("name"),
            Plural = names.Text("plural"),
            Singular = names.Text("singular"),
            Kind = names.Text("kind"),
            ListKind = names.Text("listKind"),
            Namespaced = spec.Text("scope") == "Namespaced",
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            HasStatus = version["subresources"]?["status"] is not null,
            PrinterColumns = [.. (version["additionalPrinterColumns"] as JsonArray ?? []).OfType<JsonObject>().Select(Column)],
            Schema = version["schema"]?["openAPIV3Schema"] as JsonObject,
            SelectableFields = [.. (version["selectableFields"] as JsonArray ?? []).Select(f => f.Text("jsonPath").TrimStart('.'))],
            IsCustom = true,
        };
    }

    private static PrinterColumn Column(JsonObject column) => new(
        column.Text("name"), column.Text("type"), column.Text("jsonPath"), column.Text("description"), column.Text("format"),
        (int)(column["priority"].Number() ?? 0));

    private static List<string> Texts(JsonNode? node) => [.. (node as JsonArray ?? []).Select(t => t?.ToString() ?? string.Empty)];
}

using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>A column that the server prints.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Type">OpenAPI type: string, integer, number, boolean, or date.</param>
/// <param name="Format">OpenAPI format; <c>name</c> marks the object's name.</param>
/// <param name="Description">For people.</param>
/// <param name="Priority">0 is always shown; above only with -o wide.</param>
/// <param name="Cell">The cell of an object at a time; null when there is nothing to show.</param>
internal sealed record TableColumn(
    string Name, string Type, string Format, string Description, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    private const string NameText = "Name must be unique within a namespace. Is required when creating resources. https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

    /// <summary>The first column of every table.</summary>
    public static TableColumn ObjectName { get; } =
        new("Name", "string", "name", NameText, 0, static (o, _) => Cells.Text(o, "metadata", "name") ?? string.Empty);

    /// <summary>Time since creation, as built-in kinds show it.</summary>
    public static TableColumn Age { get; } =
        new("Age", "string", string.Empty, "Time since the object was made.", 0, static (o, now) => HumanDuration.Since(Cells.Text(o, "metadata", "creationTimestamp"), now));

    /// <summary>A text column.</summary>
    public static TableColumn Text(string name, string description, Func<JsonObject, DateTimeOffset, JsonNode?> cell, int priority = 0) =>
        new(name, "string", string.Empty, description, priority, cell);

    /// <summary>The element of <c>columnDefinitions</c>.</summary>
    public JsonObject Definition() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Format,
        ["description"] = Description,
        ["priority"] = Priority,
    };
}

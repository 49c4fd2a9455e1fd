using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>What one manager owns by one operation: an entry of managedFields.</summary>
internal sealed record ManagerEntry(string Manager, bool IsApply, string ApiVersion, string Subresource, string Time, FieldSet Set)
{
    public string Operation => IsApply ? "Apply" : "Update";

    /// <summary>The same manager by the same operation. An applier is the same in every version.</summary>
    public bool IsSameManager(ManagerEntry other) =>
        Manager == other.Manager && IsApply == other.IsApply && Subresource == other.Subresource && (IsApply || ApiVersion == other.ApiVersion);

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["manager"] = Manager,
            ["operation"] = Operation,
            ["apiVersion"] = ApiVersion,
            ["time"] = Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = FieldsV1.Write(Set),
        };
        if (Subresource.Length > 0)
            json["subresource"] = Subresource;
        return json;
    }

    /// <summary>Null when it is not an entry.</summary>
    public static ManagerEntry? Read(JsonNode? node)
    {
        if (node is not JsonObject json || json["fieldsV1"] is not JsonObject fields || FieldsV1.Read(fields) is not { } set)
            return null;
        var operation = json.Text("operation");
        return operation is "Apply" or "Update"
            ? new ManagerEntry(json.Text("manager"), operation == "Apply", json.Text("apiVersion"), json.Text("subresource"), json.Text("time"), set)
            : null;
    }
}

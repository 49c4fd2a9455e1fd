using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>Defaults and checks of nodes.</summary>
internal static class NodeRules
{
    private static readonly string[] Info =
    [
        "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion",
        "operatingSystem", "architecture",
    ];

    public static JsonObject EmptyStatus() => new()
    {
        ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 0L } },
        ["nodeInfo"] = new JsonObject(Info.Select(name => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(string.Empty)))),
    };

    public static void Default(JsonObject node)
    {
        if (node["status"] is JsonObject status && status["capacity"] is { } capacity && status["allocatable"] is null)
            status["allocatable"] = capacity.DeepClone();
    }

    public static void Check(JsonObject node, JsonObject? before, List<FieldError> errors)
    {
        if (before?["spec"].Text("providerID") is { Length: > 0 } old && node["spec"].Text("providerID") != old)
            errors.Add(FieldError.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid"));
    }
}

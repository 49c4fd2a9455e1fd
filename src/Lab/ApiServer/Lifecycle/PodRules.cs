using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>Defaults, checks and the graceful deletion of pods, as far as pods without a kubelet need them.</summary>
internal static class PodRules
{
    private const long DefaultGraceSeconds = 30;

    public static void Default(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        Set(spec, "restartPolicy", "Always");
        Set(spec, "dnsPolicy", "ClusterFirst");
        Set(spec, "schedulerName", "default-scheduler");
        Set(spec, "terminationGracePeriodSeconds", DefaultGraceSeconds);
        Set(spec, "enableServiceLinks", true);
        spec.Ensure("securityContext");
        foreach (var container in Containers(spec))
        {
            Set(container, "terminationMessagePath", "/dev/termination-log");
            Set(container, "terminationMessagePolicy", "File");
            // The tag is in the last part: a registry's port has a colon too.
            var image = container.Text("image").Split('/')[^1];
            Set(container, "imagePullPolicy", image.EndsWith(":latest", StringComparison.Ordinal) || !image.Contains(':') ? "Always" : "IfNotPresent");
            container.Ensure("resources");
            foreach (var port in (container["ports"] as JsonArray ?? []).OfType<JsonObject>())
                Set(port, "protocol", "TCP");
        }
    }

    public static void Check(JsonObject pod, JsonObject? before, List<FieldError> errors)
    {
        if (before is not null)
        {
            // In place of pods/binding, which is not served, a pod without a node may get one.
            var (now, old) = (Fixed(pod), Fixed(before));
            if (old.Text("nodeName").Length == 0)
                now.Set("nodeName", old["nodeName"]);
            if (!JsonNode.DeepEquals(now, old))
            {
                errors.Add(FieldError.Forbidden(
                    "spec",
                    "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
                    + "`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)"));
            }

            return;
        }

        if (pod["spec"]?["containers"] is not JsonArray { Count: > 0 } containers)
        {
            errors.Add(FieldError.Required("spec.containers"));
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var path = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"spec.containers[{i}]");
            var name = containers[i].Text("name");
            if (name.Length == 0)
                errors.Add(FieldError.Required($"{path}.name"));
            else if (Names.DnsLabelError(name) is { } wrong)
                errors.Add(FieldError.Invalid($"{path}.name", FieldError.Quote(name), wrong));
            else if (!names.Add(name))
                errors.Add(FieldError.Duplicate($"{path}.name", FieldError.Quote(name)));
            if (containers[i].Text("image").Length == 0)
                errors.Add(FieldError.Required($"{path}.image"));
        }
    }

    // The part of the spec that never changes.
    private static JsonObject Fixed(JsonObject pod)
    {
        var spec = pod["spec"]?.DeepClone().AsObject() ?? [];
        spec.Remove("activeDeadlineSeconds");
        spec.Remove("tolerations");
        foreach (var container in Containers(spec))
            container.Remove("image");
        return spec;
    }

    /// <summary>Guaranteed where every container limits cpu and memory, BestEffort where none says anything.</summary>
    public static string QosClass(JsonObject pod)
    {
        var resources = Containers(pod.Ensure("spec")).Select(c => c["resources"] as JsonObject).ToList();
        if (resources.All(r => r is null || r.All(p => p.Value is null or JsonObject { Count: 0 })))
            return "BestEffort";
        var guaranteed = resources.All(r => r?["limits"] is JsonObject limits && limits.ContainsKey("cpu") && limits.ContainsKey("memory")
            && (r["requests"] is null || JsonNode.DeepEquals(r["requests"], limits)));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    /// <summary>The seconds that a deleted pod is given: none without a node, or when it has ended.</summary>
    public static long Grace(JsonObject pod, long? asked)
    {
        if (pod["spec"].Text("nodeName").Length == 0 || pod["status"].Text("phase") is "Succeeded" or "Failed")
            return 0;
        var grace = asked ?? pod["spec"]?["terminationGracePeriodSeconds"].Number() ?? 0;
        return grace < 0 ? 1 : grace;
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        (spec["containers"] as JsonArray ?? []).Concat(spec["initContainers"] as JsonArray ?? []).OfType<JsonObject>();

    private static void Set(JsonObject target, string name, JsonNode value)
    {
        if (target[name] is null)
            target[name] = value;
    }
}

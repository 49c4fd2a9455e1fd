using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>What the server does beyond the schema for each built-in kind.</summary>
internal static class KindRules
{
    /// <summary>Defaults of a body that has been decoded.</summary>
    public static void Default(KindModel model, JsonObject value)
    {
        if (model.Definition.IsCustom)
            return;
        if (model.Is(BuiltInResources.Pods))
            PodRules.Default(value);
        else if (model.Is(BuiltInResources.CustomResourceDefinitions))
            DefinitionRules.Default(value);
        else if (model.Is(BuiltInResources.Nodes))
            NodeRules.Default(value);
        else if (model.Is(BuiltInResources.Namespaces) && value.Metadata("name") is { Length: > 0 } name)
            value.EnsureMetadata().Ensure("labels")["kubernetes.io/metadata.name"] = name;
        Fill(value, Empty(model));
    }

    /// <summary>What an object of the kind has when nobody has said anything: the members that are answered even when they are empty.</summary>
    public static JsonObject Empty(KindModel model)
    {
        if (model.Definition.IsCustom)
            return [];
        if (model.Is(BuiltInResources.Events))
            return new() { ["involvedObject"] = new JsonObject(), ["source"] = new JsonObject(), ["reportingComponent"] = "", ["reportingInstance"] = "" };
        var result = new JsonObject { ["spec"] = new JsonObject() };
        if (model.Is(BuiltInResources.Nodes))
            result["status"] = NodeRules.EmptyStatus();
        else if (model.Definition.HasStatus)
            result["status"] = new JsonObject();
        if (model.Is(BuiltInResources.Pods))
            result["spec"]!["containers"] = new JsonArray();
        return result;
    }

    /// <summary>What the server sets in a new object; whoever creates it does not own it.</summary>
    public static void Begin(KindModel model, JsonObject value)
    {
        if (model.Definition.IsCustom)
        {
            if (model.Definition.HasStatus)
                value.Remove("status");
        }
        else if (model.Is(BuiltInResources.Pods))
        {
            value["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodRules.QosClass(value) };
        }
        else if (model.Is(BuiltInResources.Namespaces))
        {
            value.Ensure("spec")["finalizers"] = new JsonArray("kubernetes");
            value["status"] = new JsonObject { ["phase"] = "Active" };
        }
        else if (model.Is(BuiltInResources.CustomResourceDefinitions))
        {
            value["status"] = DefinitionRules.NewStatus(value);
        }
    }

    /// <summary>What is wrong with an object; <paramref name="before"/> is null on a create.</summary>
    public static void Check(KindModel model, JsonObject value, JsonObject? before, List<FieldError> errors)
    {
        if (model.Definition.IsCustom)
            return;
        if (model.Is(BuiltInResources.Pods))
            PodRules.Check(value, before, errors);
        else if (model.Is(BuiltInResources.Nodes))
            NodeRules.Check(value, before, errors);
        else if (model.Is(BuiltInResources.CustomResourceDefinitions))
            DefinitionRules.Check(value, before, errors);
        else if (model.Is(BuiltInResources.Events))
            Event(value, errors);
        else if (model.Is(BuiltInResources.Leases))
            Lease(value, errors);
    }

    private static void Fill(JsonObject value, JsonObject empty)
    {
        foreach (var (name, member) in empty)
        {
            if (value[name] is null)
                value[name] = member!.DeepClone();
            else if (value[name] is JsonObject present && member is JsonObject inner)
                Fill(present, inner);
        }
    }

    // Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/events.go
    private static void Event(JsonObject value, List<FieldError> errors)
    {
        var (ns, involved) = (value.Metadata("namespace"), value["involvedObject"].Text("namespace"));
        if (involved.Length == 0 ? ns is not ("" or "default") : ns != involved)
            errors.Add(FieldError.Invalid("involvedObject.namespace", FieldError.Quote(involved), "does not match event.namespace"));
    }

    private static void Lease(JsonObject value, List<FieldError> errors)
    {
        if (value["spec"]?["leaseDurationSeconds"].Number() is <= 0 and var seconds)
            errors.Add(FieldError.Invalid("spec.leaseDurationSeconds", FieldError.Show(seconds), "must be greater than 0"));
        if (value["spec"]?["leaseTransitions"].Number() is < 0 and var transitions)
            errors.Add(FieldError.Invalid("spec.leaseTransitions", FieldError.Show(transitions), "must be greater than or equal to 0"));
    }
}

using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Compute;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Invariants;

/// <summary>The same as <see cref="WriterRules"/> for the model of a scale set's VM: what others put there stays as it was.</summary>
internal static class ModelRules
{
    private static readonly string[] Azures = ["latestModelApplied", "modelDefinitionApplied"];

    public static List<(string Invariant, string Message)> Check(JsonObject before, JsonObject after, string ownedPrefix)
    {
        var breaches = new List<(string Invariant, string Message)>();
        var there = ScaleSetModel.Interfaces(after).ToDictionary(static i => i.String("name") ?? "", StringComparer.OrdinalIgnoreCase);
        foreach (var old in ScaleSetModel.Interfaces(before))
        {
            if (there.TryGetValue(old.String("name") ?? "", out var now))
                breaches.AddRange(WriterRules.Check((JsonObject)old!, (JsonObject)now!, ownedPrefix));
        }

        breaches.AddRange(WriterRules.Check(Rest(before), Rest(after), ownedPrefix));
        return breaches;
    }

    // Without the lists that were compared one by one, and without what Azure says itself.
    private static JsonObject Rest(JsonObject model)
    {
        var rest = (JsonObject)model.DeepClone();
        foreach (var one in ScaleSetModel.Interfaces(rest))
            one.Object("properties")?.Remove("ipConfigurations");
        foreach (var name in Azures)
            rest.Object("properties")?.Remove(name);
        return rest;
    }
}

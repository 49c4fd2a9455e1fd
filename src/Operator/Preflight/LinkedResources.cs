using System.Text.Json;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Preflight;

/// <summary>The resources that interfaces name, each once, in the order found.</summary>
internal sealed class LinkedResources
{
    private const int MaxDepth = 32;
    private readonly List<ResourceId> _all = [];
    private readonly HashSet<ResourceId> _seen = [];

    internal IReadOnlyList<ResourceId> All => _all;

    internal IEnumerable<ResourceId> OfType(string type) => _all.Where(id => id.IsOfType(type));

    /// <summary>Takes every reference <c>{"id": "..."}</c> and every key of a map of identities, wherever it stands: new kinds of links are seen too.</summary>
    internal void Take(JsonElement element, int depth = 0)
    {
        if (depth > MaxDepth)
            return;
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Take(item, depth + 1);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                if (member.Name == "id" && member.Value.ValueKind == JsonValueKind.String)
                    Add(member.Value.GetString());
                Add(member.Name);
                Take(member.Value, depth + 1);
            }
        }
    }

    private void Add(string? text)
    {
        if (text is ['/', ..] && ResourceId.TryParse(text, out var id) && _seen.Add(id))
            _all.Add(id);
    }
}

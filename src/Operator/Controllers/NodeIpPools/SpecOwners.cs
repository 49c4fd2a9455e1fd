using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Whose a pool's spec is: the class's, or a person's who wrote the pool or a field of it.</summary>
internal sealed class SpecOwners
{
    private readonly Lock gate = new();
    private readonly HashSet<string> persons = new(StringComparer.Ordinal);

    /// <summary>Wakes the pool's controller; set once, before anything runs.</summary>
    public Action<ObjectKey> Wake { get; set; } = static _ => { };

    /// <summary>Notes whether the server refused our apply because somebody else owns a field.</summary>
    public void Note(string pool, bool isPersons)
    {
        bool changed;
        lock (gate)
            changed = isPersons ? persons.Add(pool) : persons.Remove(pool);
        if (changed)
            Wake(new ObjectKey(pool));
    }

    public bool IsPersons(NodeIpPool pool)
    {
        lock (gate)
            return persons.Contains(pool.Metadata.Name) || !Nodes.Controller.IsManaged(pool);
    }
}

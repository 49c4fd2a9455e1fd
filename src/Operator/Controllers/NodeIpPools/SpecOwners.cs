using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Whose a pool's spec is: the class's, or a person's who wrote the pool or a field of it.</summary>
/// <remarks>
/// What was learnt is kept until the pool's condition says it; from then on the condition is what is known. Of two leaders at the same
/// time only one that learns something new writes it.
/// </remarks>
internal sealed class SpecOwners
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, bool> untold = new(StringComparer.Ordinal);

    /// <summary>Wakes the pool's controller; set once, before anything runs.</summary>
    public Action<ObjectKey> Wake { get; set; } = static _ => { };

    /// <summary>Notes whether the server refused our apply because somebody else owns a field.</summary>
    /// <param name="name">Name of the pool.</param>
    /// <param name="cached">The pool as it was cached, or null.</param>
    /// <param name="isPersons">Whether it did.</param>
    public void Note(string name, NodeIpPool? cached, bool isPersons)
    {
        lock (gate)
        {
            if (cached is not null && Says(cached) == isPersons)
            {
                untold.Remove(name);
                return;
            }

            untold[name] = isPersons;
        }

        Wake(new ObjectKey(name));
    }

    /// <summary>Notes what the condition of a pool says, as it was written.</summary>
    public void Told(NodeIpPool pool)
    {
        lock (gate)
        {
            if (untold.TryGetValue(pool.Metadata.Name, out var isPersons) && isPersons == Says(pool))
                untold.Remove(pool.Metadata.Name);
        }
    }

    /// <summary>Forgets a pool that is gone.</summary>
    public void Forget(string pool)
    {
        lock (gate)
            untold.Remove(pool);
    }

    public bool IsPersons(NodeIpPool pool)
    {
        if (!Nodes.Controller.IsManaged(pool))
            return true;
        lock (gate)
            return untold.TryGetValue(pool.Metadata.Name, out var isPersons) ? isPersons : Says(pool);
    }

    /// <summary>What the condition says.</summary>
    public static bool Says(NodeIpPool pool) => ConditionSet.IsTrue(pool.Status?.Conditions, ConditionTypes.SpecOverridden);
}

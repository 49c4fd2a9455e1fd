namespace Vnetcni.Simulation.Tests.World.Azure;

/// <summary>
/// Addresses that a person took from an interface: their pods are cut off, and no rule is broken by that. It counts until the node's kernel
/// has the address no more, on a link or as a route that holds it, and everybody has had the time to hear of it: an agent that is away hears nothing.
/// </summary>
internal sealed class HandTaken(TimeProvider time)
{
    private static readonly TimeSpan News = TimeSpan.FromMinutes(3);
    private readonly Dictionary<(string Nic, string Address), DateTimeOffset> taken = [];

    public void Add(string nic, string address) => taken[Key(nic, address)] = time.GetUtcNow();

    public bool Contains(string nic, string address) => taken.Count > 0 && taken.ContainsKey(Key(nic, address));

    /// <summary>True when it does not count any more.</summary>
    public bool Forgive(string nic, string address, bool isKept)
    {
        if (isKept || (taken.TryGetValue(Key(nic, address), out var at) && time.GetUtcNow() - at < News))
            return false;
        taken.Remove(Key(nic, address));
        return true;
    }

    private static (string Nic, string Address) Key(string nic, string address) => (nic.ToLowerInvariant(), address);
}

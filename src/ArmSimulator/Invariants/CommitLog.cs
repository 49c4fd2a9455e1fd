using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Network;

namespace Vnetcni.ArmSimulator.Invariants;

/// <summary>
/// Every commit as a difference: which configurations came and went. Replayed from the start it must give the state that
/// stands; the oldest entries are folded into the replay's start.
/// </summary>
internal sealed class CommitLog
{
    private const int MostEntries = 10_000;

    private readonly Queue<Entry> _entries = new();
    private readonly SortedDictionary<string, SortedDictionary<string, uint>> _start = new(StringComparer.Ordinal);

    private sealed record Entry(string Nic, List<IpConfiguration> Gone, List<IpConfiguration> Came);

    public void Add(string nic, IReadOnlyList<IpConfiguration> before, IReadOnlyList<IpConfiguration> after)
    {
        var entry = new Entry(nic, Minus(before, after), Minus(after, before));
        if (entry.Gone.Count + entry.Came.Count == 0)
            return;
        _entries.Enqueue(entry);
        if (_entries.Count > MostEntries)
            Apply(_start, _entries.Dequeue());
    }

    /// <summary>Replays the log and tells every difference from the NICs and from the subnets' books.</summary>
    public List<(string Nic, string Message)> Compare(World world)
    {
        var replayed = new SortedDictionary<string, SortedDictionary<string, uint>>(StringComparer.Ordinal);
        foreach (var (nic, configurations) in _start)
            replayed[nic] = new SortedDictionary<string, uint>(configurations, StringComparer.OrdinalIgnoreCase);
        foreach (var entry in _entries)
            Apply(replayed, entry);

        var wrong = new List<(string Nic, string Message)>();
        foreach (var nic in world.Nics.Values)
        {
            replayed.Remove(nic.Key, out var replay);
            var body = Picture.Read(Json.ParseObject(nic.Body));
            if (body.Count != (replay?.Count ?? 0))
                wrong.Add((nic.Key, $"The journal gives {replay?.Count ?? 0} ipConfigurations, the state {body.Count}."));
            foreach (var c in body)
            {
                if (replay is null || !replay.TryGetValue(c.Name, out var address) || address != c.Address)
                    wrong.Add((nic.Key, $"The journal does not give {c.Name} the address {Ipv4.Format(c.Address)}."));
                if (nic.Subnet.OwnerOf(c.Address) != nic.ConfigurationId(c.Name))
                    wrong.Add((nic.Key, $"The subnet does not book {Ipv4.Format(c.Address)} for {c.Name}."));
            }
        }

        foreach (var (nic, rest) in replayed)
        {
            if (rest.Count > 0)
                wrong.Add((nic, "The journal holds a NIC that is gone."));
        }

        return wrong;
    }

    private static void Apply(SortedDictionary<string, SortedDictionary<string, uint>> state, Entry entry)
    {
        if (!state.TryGetValue(entry.Nic, out var configurations))
            state[entry.Nic] = configurations = new SortedDictionary<string, uint>(StringComparer.OrdinalIgnoreCase);
        foreach (var c in entry.Gone)
            configurations.Remove(c.Name);
        foreach (var c in entry.Came)
            configurations[c.Name] = c.Address;
        if (configurations.Count == 0)
            state.Remove(entry.Nic);
    }

    private static List<IpConfiguration> Minus(IReadOnlyList<IpConfiguration> a, IReadOnlyList<IpConfiguration> b)
    {
        HashSet<(string Name, uint Address)> there = [];
        foreach (var c in b)
            there.Add((c.Name, c.Address));
        var result = new List<IpConfiguration>();
        foreach (var c in a)
        {
            if (!there.Contains((c.Name, c.Address)))
                result.Add(c);
        }

        return result;
    }
}

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>What a node's kernel holds from one boot to the next. Agents come and go; it stays.</summary>
/// <param name="node">Name of the machine.</param>
/// <param name="boot">Number of the boot.</param>
/// <param name="clock">The machine's wall clock.</param>
/// <param name="leastRest">How long an address has to rest between two pods.</param>
/// <param name="changed">Told of every change.</param>
internal sealed class SimKernel(string node, int boot, Func<DateTimeOffset> clock, TimeSpan leastRest, Action<string> changed)
{
    private readonly SortedDictionary<string, SimLink> links = new(StringComparer.Ordinal);
    private readonly List<SimPodNamespace> namespaces = [];
    private readonly Dictionary<SimPodNamespace, string> running = [];
    private readonly Dictionary<string, DateTimeOffset> freedAt = new(StringComparer.Ordinal);
    private string? hurried;

    public string BootId { get; } = $"{node}-boot-{boot}";

    public IReadOnlyCollection<SimLink> Links => links.Values;

    public IReadOnlyList<SimPodNamespace> Namespaces => namespaces;

    /// <summary>Sandboxes whose ADD has succeeded and for which nobody has called DEL, with their addresses.</summary>
    public IReadOnlyDictionary<SimPodNamespace, string> Running => running;

    /// <summary>Addresses that the node answers "unreachable" for, unless a pod of its own has them.</summary>
    public IReadOnlySet<string> Unreachable { get; private set; } = new HashSet<string>();

    /// <summary>Makes them those.</summary>
    public void Refuses(IEnumerable<string> addresses)
    {
        Unreachable = addresses.ToHashSet(StringComparer.Ordinal);
        Changed($"prepared for {Unreachable.Count} addresses");
    }

    /// <summary>The runtime knows that a sandbox has this address.</summary>
    public void Runs(SimPodNamespace pod, string address) => running.Add(pod, address);

    /// <summary>The runtime is about to call DEL.</summary>
    public void Ends(SimPodNamespace pod) => running.Remove(pod);

    /// <summary>An address was given to a pod too soon after the one before it; null otherwise.</summary>
    public string? TakeHurried() => hurried;

    /// <summary>Notes that a pod has an address from now on.</summary>
    public void Given(SimLink link)
    {
        if (freedAt.Remove(link.Address, out var freed) && clock() - freed < leastRest)
            hurried = $"{link.Address} is with {link.Alias} {(clock() - freed).TotalSeconds:F1} s after the pod before; it had to rest for {leastRest.TotalSeconds:F0} s";
    }

    public SimLink? Find(string name) => links.GetValueOrDefault(name);

    public SimPodNamespace NewNamespace(ulong inode)
    {
        var made = new SimPodNamespace(inode, $"/run/netns/{node}-{inode}");
        namespaces.Add(made);
        return made;
    }

    /// <summary>The end of a namespace takes its links with it.</summary>
    public void Delete(SimPodNamespace pod)
    {
        pod.IsAlive = false;
        foreach (var link in links.Values.Where(link => link.Pod == pod).ToArray())
            Remove(link, "with its namespace");
    }

    public void Add(SimLink link)
    {
        links.Add(link.Name, link);
        Changed($"link {link.Name} is born for {link.Pod.Path}");
    }

    public void Remove(SimLink link, string why)
    {
        if (!links.Remove(link.Name))
            return;
        if (link.PodAddress is not null && link.WasWhole)
            freedAt[link.Address] = clock();
        Changed($"link {link.Name} is gone {why}");
    }

    /// <summary>Number of changes.</summary>
    public int Changes { get; private set; }

    public void Changed(string what)
    {
        Changes++;
        changed($"{node} kernel: {what}");
    }
}

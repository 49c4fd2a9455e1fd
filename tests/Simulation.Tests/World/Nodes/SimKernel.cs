namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>What a node's kernel holds from one boot to the next. Agents come and go; it stays.</summary>
internal sealed class SimKernel(string node, int boot, Action<string> changed)
{
    private readonly SortedDictionary<string, SimLink> links = new(StringComparer.Ordinal);
    private readonly List<SimPodNamespace> namespaces = [];

    public string BootId { get; } = $"{node}-boot-{boot}";

    public IReadOnlyCollection<SimLink> Links => links.Values;

    public IReadOnlyList<SimPodNamespace> Namespaces => namespaces;

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
        if (links.Remove(link.Name))
            Changed($"link {link.Name} is gone {why}");
    }

    public void Changed(string what) => changed($"{node} kernel: {what}");
}
